/*
 * Every scenario that ships: X(ident), the file is csrc/scenarios/<ident>.c.
 * The order is the order of `vmemstress list`.
 */
#define SCENARIO_LIST(X)          \
	X(specref)                \
	X(refcount_conservation)  \
	X(freeze_unfreeze)        \
	X(rcu_publish)            \
	X(store_buffering)        \
	X(pin_bias)               \
	X(slot_again)             \
	X(split_table)            \
	X(tail_install)           \
	X(late_lookup)            \
	X(replacement_page)       \
	X(fake_head_get)          \
	X(fake_head_gup)          \
	X(fake_head_pfn)          \
	X(stale_load_cas)         \
	X(stale_load_gup)         \
	X(stale_load_pfn)         \
	X(losing_cas)             \
	X(put_check)              \
	X(window_access)          \
	X(window_interrupt)       \
	X(restored_tails)         \
	X(flag_write)             \
	X(batch_freeze)           \
	X(freeze_storm)           \
	X(alias_freeze)           \
	X(torn_head)              \
	X(half_restore)           \
	X(demote)
