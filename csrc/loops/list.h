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
	X(barrier_skew)         \
	X(clock_cost)           \
	X(spin_unit)
