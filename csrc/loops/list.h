/*
 * Every timed loop: X(ident), the loop is `const struct loop loop_<ident>`. The order
 * is the order of `vmemstress bench`.
 */
#define LOOP_LIST(X)  \
	X(xadd)       \
	X(add_unless)
