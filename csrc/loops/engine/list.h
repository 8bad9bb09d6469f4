/*
 * Every timed loop: X(ident), the loop is `const struct loop loop_<ident>`. The order
 * is the order of `vmemstress bench`.
 */
#define LOOP_LIST(X)            \
	X(xadd)                 \
	X(cmpxchg)              \
	X(add_unless)           \
	X(get_put)              \
	X(dec_and_test)         \
	X(freeze_unfreeze)      \
	X(inc_not_zero_refused) \
	X(rcuref)               \
	X(incdec)               \
	X(relaxed_load)         \
	X(relaxed_store)        \
	X(lookup_filemap)       \
	X(lookup_remapped)      \
	X(remap_none)           \
	X(remap_mmap_fixed)     \
	X(remap_mmap_populate)  \
	X(remap_mremap)         \
	X(remap_bbm)            \
	X(remap_dontneed)       \
	X(remap_populate)       \
	X(remap_uffd_copy)      \
	X(remap_uffd_continue)  \
	X(remap_uffd_wp)        \
	X(remap_uffd_move)      \
	X(grace_read_side)      \
	X(grace_synchronize)    \
	X(barrier_skew)         \
	X(clock_cost)           \
	X(spin_unit)            \
	X(yardstick)
