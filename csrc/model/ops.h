/*
 * The machine operations that are functions, as a list. What the package ships calls
 * them; a scenario of the user's links against nothing and finds them in a table that
 * is handed to it when it is loaded.
 */
#ifndef MODEL_OPS_H
#define MODEL_OPS_H

/* R returns a value, V does not: name, parameters, arguments. */
#define MODEL_OPS(R, V)                                                                    \
	R(uint64_t, model_access,                                                          \
	  (const volatile void *p, uint64_t value, uint64_t old, unsigned how,             \
	   const struct site *site), (p, value, old, how, site))                           \
	V(mach_fence, (enum mach_fence kind, const struct site *site), (kind, site))       \
	V(mach_point, (const struct site *site), (site))                                   \
	V(mach_loaded, (const void *p), (p))                                               \
	V(mach_rcu_read_lock, (const struct site *site), (site))                           \
	V(mach_rcu_read_unlock, (const struct site *site), (site))                         \
	V(mach_synchronize_rcu, (const struct site *site), (site))                         \
	V(mach_irq_disable, (const struct site *site), (site))                             \
	V(mach_irq_enable, (const struct site *site), (site))                              \
	R(char *, mach_vmemmap, (void), ())                                                \
	R(unsigned, mach_vmemmap_pages, (void), ())                                        \
	R(size_t, mach_page_size, (void), ())                                              \
	R(frame_t, mach_frame_alloc, (unsigned n, const struct site *site), (n, site))     \
	V(mach_frame_free, (frame_t f, unsigned n, const struct site *site), (f, n, site)) \
	R(frame_t, mach_frame_of, (unsigned vpn), (vpn))                                   \
	R(void *, mach_frame_va, (frame_t f), (f))                                         \
	V(mach_frame_fill,                                                                 \
	  (frame_t f, unsigned first, unsigned n, const struct page_image *image,          \
	   const struct site *site), (f, first, n, image, site))                           \
	V(mach_frame_copy, (frame_t to, frame_t from, const struct site *site),            \
	  (to, from, site))                                                                \
	V(mach_pte_set,                                                                    \
	  (unsigned vpn, unsigned n, frame_t f, enum mach_prot prot, const struct site *site), \
	  (vpn, n, f, prot, site))                                                         \
	V(mach_pte_alias,                                                                  \
	  (unsigned vpn, unsigned n, frame_t f, enum mach_prot prot, const struct site *site), \
	  (vpn, n, f, prot, site))                                                         \
	V(mach_pte_clear, (unsigned vpn, unsigned n, const struct site *site), (vpn, n, site)) \
	V(mach_tlb_flush, (unsigned vpn, unsigned n, const struct site *site), (vpn, n, site)) \
	R(frame_t, mach_shared_tail, (void), ())                                           \
	V(mach_pause_others, (bool wait, const struct site *site), (wait, site))           \
	V(mach_resume_others, (const struct site *site), (site))                           \
	R(const struct regime *, mach_regime, (void), ())                                  \
	R(int, mach_param, (unsigned i), (i))                                              \
	R(unsigned, mach_actor, (void), ())                                                \
	R(void *, mach_state, (void), ())                                                  \
	V(mach_violate, (int hazard, int invariant, const struct site *site),              \
	  (hazard, invariant, site))                                                       \
	V(mach_note, (unsigned note), (note))                                              \
	R(unsigned, mach_notes, (void), ())

#define MODEL_OP_FIELD(type, name, params, args) type (*name) params;
#define MODEL_OP_FIELD_VOID(name, params, args) void (*name) params;
struct model_ops {
	uint32_t abi, size;
	MODEL_OPS(MODEL_OP_FIELD, MODEL_OP_FIELD_VOID)
};

/* What the scenario file of a user exports beside the scenario. */
#define MODEL_OPS_SYMBOL "vmemstress_model_ops"

#ifdef KAPI_PLUGIN
__attribute__((visibility("default"))) extern const struct model_ops *vmemstress_model_ops;
const struct model_ops *vmemstress_model_ops;

#define MODEL_OP_CALL(type, name, params, args) \
	static inline type name params { return vmemstress_model_ops->name args; }
#define MODEL_OP_CALL_VOID(name, params, args) \
	static inline void name params { vmemstress_model_ops->name args; }
MODEL_OPS(MODEL_OP_CALL, MODEL_OP_CALL_VOID)
#else
#define MODEL_OP_DECLARE(type, name, params, args) type name params;
#define MODEL_OP_DECLARE_VOID(name, params, args) void name params;
MODEL_OPS(MODEL_OP_DECLARE, MODEL_OP_DECLARE_VOID)
#endif

#endif
