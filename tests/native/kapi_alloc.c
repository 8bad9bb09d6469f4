/* Objects of an instance: apart from each other, freed once, poisoned then. */
#include <kapi.h>
#include <kapi/alloc.h>

#include "rig.h"
#include "tap.h"

struct state {
	char odd[37];
};

static _Alignas(16) char instance[4096 * 3];

static bool poisoned(const unsigned char *p, unsigned size)
{
	unsigned i;

	for (i = 0; i < size; i++) {
		if (p[i] != 0x6b)
			return false;
	}
	return true;
}

int main(void)
{
	static struct rig r;
	char *p, *q, *big, *volatile elsewhere = (char *)&r;

	rig_create(&r, 1);
	ok(KAPI_STATE_BYTES <= sizeof(instance), "the instance has room for its heap");
	ok(KAPI_INSTANCE((void *)instance) == instance && mach_state() == instance,
	   "mach_enter() makes it this CPU's");
	p = kmalloc(24, GFP_KERNEL);
	q = kzalloc(1, GFP_ATOMIC);
	ok(p >= instance + sizeof(struct state) && q >= p + 24 && !((uintptr_t)p & 15),
	   "objects stand behind the state, apart and aligned");
	ok(!p[0] && !p[23] && !q[0], "and are zero");
	big = kcalloc(3, 100, GFP_KERNEL);
	ok(big >= q + 1 && !kapi_this_cpu->site->landmark, "kcalloc");
	q[0] = 7;
	big[0] = 9;
	kapi_this_cpu->hazard = -1;
	kfree(p);
	kfree(NULL);
	ok(poisoned((void *)p, 24) && q[0] == 7 && big[0] == 9 && kapi_this_cpu->hazard == -1,
	   "kfree poisons the object and no other");
	ok(kmalloc(24, GFP_KERNEL) != p, "what was freed is not handed out again");
	kfree(p);
	ok(kapi_this_cpu->hazard == 0, "a second kfree is a violation");
	kapi_this_cpu->hazard = -1;
	kfree(elsewhere);
	ok(kapi_this_cpu->hazard == 0, "so is one of no object of ours");
	kapi_this_cpu->hazard = -1;
	ok(!kmalloc(KAPI_HEAP, GFP_KERNEL) && kapi_this_cpu->hazard == 0, "so is a full heap");
	rig_destroy(&r);
	return done();
}
