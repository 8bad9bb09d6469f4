/* arm64 without a syndrome: whether the instruction at the pc writes. */
#include "arch/signal.h"
#include "tap.h"

#if defined(__aarch64__)

/* As the assembler has them. */
#define INSN(text, writes_) { text, writes_ },
#define INSNS(X)                                                                       \
	X("ldr w0, [x1]", 0) X("ldr x0, [x1, #8]", 0) X("ldrb w0, [x1]", 0)            \
	X("ldrsw x0, [x1]", 0) X("ldur x0, [x1, #-3]", 0) X("ldr x0, [x1, x2]", 0)     \
	X("ldr x0, [x1], #8", 0) X("ldr q0, [x1]", 0) X("ldr d0, [x1]", 0)             \
	X("ldp x0, x2, [x1]", 0) X("ldp q0, q1, [x1]", 0) X("ldxr w0, [x1]", 0)        \
	X("ldaxr w0, [x1]", 0) X("ldar w0, [x1]", 0) X("ldaxp x0, x2, [x1]", 0)        \
	X("ld1 {v0.16b}, [x1]", 0) X("ldapr w0, [x1]", 0) X("prfm pldl1keep, [x1]", 0) \
	X("str w0, [x1]", 1) X("str x0, [x1, #8]", 1) X("strb w0, [x1]", 1)            \
	X("stur x0, [x1, #-3]", 1) X("str x0, [x1, x2]", 1) X("str x0, [x1, #8]!", 1)  \
	X("str q0, [x1]", 1) X("str d0, [x1]", 1) X("stp x0, x2, [x1]", 1)             \
	X("stp q0, q1, [x1], #32", 1) X("stxr w3, w0, [x1]", 1)                        \
	X("stlxr w3, w0, [x1]", 1) X("stlr w0, [x1]", 1) X("stxp w3, x0, x2, [x1]", 1) \
	X("st1 {v0.16b}, [x1]", 1) X("dc zva, x1", 1)                                  \
	X("cas w0, w2, [x1]", 1) X("casa w0, w2, [x1]", 1) X("casal x0, x2, [x1]", 1)  \
	X("caspal x2, x3, x4, x5, [x1]", 1) X("swp w0, w2, [x1]", 1)                   \
	X("ldadd w0, w2, [x1]", 1) X("ldaddal x0, x2, [x1]", 1) X("stadd w0, [x1]", 1) \
	X("ldset w0, w2, [x1]", 1) X("ldsmax w0, w2, [x1]", 1)

static const struct {
	const char *text;
	int writes;
} expected[] = { INSNS(INSN) };

__asm__(".pushsection .text\n"
	".arch_extension lse\n"
	".arch_extension rcpc\n"
	".globl insns\n"
	"insns:\n"
#define LINE(text, writes_) text "\n"
	INSNS(LINE)
	".popsection\n");

extern const uint32_t insns[];

int main(void)
{
	unsigned i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ok(arch_insn_writes(insns[i]) == (expected[i].writes != 0), "%s %s",
		   expected[i].text, expected[i].writes ? "writes" : "reads");
	return done();
}

#else

int main(void)
{
	return skip_all("this architecture's signal frame tells what the access was");
}

#endif
