/* The copies of graphs that are alive at once, and going on with one of them. */

/* Deep enough for what is alive at once; a copy is freed when its visit ends. */
static inline graph_t *room_for_copy(struct explore *x)
{
	graph_t *to = (graph_t *)(x->arena + x->arena_used);

	if (x->arena_used + sizeof(*to) > x->arena_size) {
		explore_full(x, FULL_GRAPHS);
		return NULL;
	}
	x->arena_used += sizeof(*to);
	return to;
}

static graph_t *copy(struct explore *x, const graph_t *g)
{
	graph_t *to = room_for_copy(x);

	if (to)
		graph_copy(to, g);
	return to;
}

static void visit_copy(struct explore *x, graph_t *copy)
{
	if (__builtin_expect(x->strata != NULL, 0)) {
		offer(x, copy);
		x->arena_used -= sizeof(*copy);
		return;
	}
	x->depth++;
	/* subtrees at the split depth are dealt out to the jobs in turn */
	if (x->jobs < 2 || x->depth != x->split || x->dealt++ % x->jobs == x->job)
		visit(x, copy);
	x->depth--;
	x->arena_used -= sizeof(*copy);
}

