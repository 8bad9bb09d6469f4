/*
 * Sequence counts and locks: readers go on while one writes, and read again.
 *
 * What a reader reads between begin and retry may be torn, and is to be read with
 * READ_ONCE(), PLAIN_READ() is reported as a race; the writer writes it with WRITE_ONCE().
 * Writers of a seqcount_t exclude each other by other means; a seqlock_t has a spinlock.
 */
#ifndef KAPI_SEQLOCK_H
#define KAPI_SEQLOCK_H

#include "kapi/spinlock.h"

typedef struct {
	unsigned sequence; /* odd: a writer is at it */
} seqcount_t;

typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;

#define SEQCNT_ZERO(name) { 0 }
#define __SEQLOCK_UNLOCKED(name) { { 0 }, { 0 } }

KAPI_INLINE unsigned kapi_seq_begin(const seqcount_t *s, const struct site *site)
{
	unsigned seq;

	while ((seq = mach_load(&s->sequence, MACH_RELAXED, site)) & 1)
		mach_relax(site);
	mach_fence(MACH_RMB, site); /* the count before the data; pairs with the first wmb */
	return seq;
}

/* May be odd: the caller is to look. */
KAPI_INLINE unsigned kapi_seq_raw(const seqcount_t *s, const struct site *site)
{
	unsigned seq = mach_load(&s->sequence, MACH_RELAXED, site);

	mach_fence(MACH_RMB, site); /* as above */
	return seq;
}

KAPI_INLINE bool kapi_seq_retry(const seqcount_t *s, unsigned start, const struct site *site)
{
	mach_fence(MACH_RMB, site); /* the data before the count; pairs with the second wmb */
	return mach_load(&s->sequence, MACH_RELAXED, site) != start;
}

KAPI_INLINE void kapi_seq_step(seqcount_t *s, const struct site *site)
{
	/* relaxed, no read-modify-write: there is one writer */
	unsigned seq = mach_load(&s->sequence, MACH_RELAXED, site);

	mach_store(&s->sequence, seq + 1, MACH_RELAXED, site);
}

KAPI_INLINE void kapi_seq_write_begin(seqcount_t *s, const struct site *site)
{
	kapi_seq_step(s, site);
	mach_fence(MACH_WMB, site); /* odd before the data; pairs with the rmb of retry */
}

KAPI_INLINE void kapi_seq_write_end(seqcount_t *s, const struct site *site)
{
	mach_fence(MACH_WMB, site); /* the data before even; pairs with the rmb of begin */
	kapi_seq_step(s, site);
}

/* Readers that are at it read again, without an odd count in between. */
KAPI_INLINE void kapi_seq_invalidate(seqcount_t *s, const struct site *site)
{
	mach_fence(MACH_WMB, site); /* as in kapi_seq_write_end() */
	mach_store(&s->sequence, mach_load(&s->sequence, MACH_RELAXED, site) + 2, MACH_RELAXED,
		   site);
}

KAPI_INLINE void kapi_seqlock_write(seqlock_t *s, const struct site *site)
{
	mach_spin_lock(&s->lock.locked, site);
	kapi_seq_write_begin(&s->seqcount, site);
}

KAPI_INLINE void kapi_seqlock_unwrite(seqlock_t *s, const struct site *site)
{
	kapi_seq_write_end(&s->seqcount, site);
	mach_spin_unlock(&s->lock.locked, site);
}

#define seqcount_init(s) \
	mach_store(&(s)->sequence, 0, MACH_RELAXED, KAPI_SITE("seqcount_init(" #s ")"))
#define read_seqcount_begin(s) kapi_seq_begin((s), KAPI_SITE("read_seqcount_begin(" #s ")"))
#define raw_read_seqcount_begin(s) \
	kapi_seq_begin((s), KAPI_SITE("raw_read_seqcount_begin(" #s ")"))
#define raw_read_seqcount(s) kapi_seq_raw((s), KAPI_SITE("raw_read_seqcount(" #s ")"))
#define read_seqcount_retry(s, start) \
	kapi_seq_retry((s), (start), KAPI_SITE("read_seqcount_retry(" #s ", " #start ")"))
#define write_seqcount_begin(s) \
	kapi_seq_write_begin((s), KAPI_SITE("write_seqcount_begin(" #s ")"))
#define write_seqcount_end(s) kapi_seq_write_end((s), KAPI_SITE("write_seqcount_end(" #s ")"))
#define raw_write_seqcount_begin(s) \
	kapi_seq_write_begin((s), KAPI_SITE("raw_write_seqcount_begin(" #s ")"))
#define raw_write_seqcount_end(s) \
	kapi_seq_write_end((s), KAPI_SITE("raw_write_seqcount_end(" #s ")"))
#define write_seqcount_invalidate(s) \
	kapi_seq_invalidate((s), KAPI_SITE("write_seqcount_invalidate(" #s ")"))

#define seqlock_init(s)                                                                 \
	do {                                                                            \
		seqcount_init(&(s)->seqcount);                                          \
		spin_lock_init(&(s)->lock);                                             \
	} while (0)
#define read_seqbegin(s) kapi_seq_begin(&(s)->seqcount, KAPI_SITE("read_seqbegin(" #s ")"))
#define read_seqretry(s, start) \
	kapi_seq_retry(&(s)->seqcount, (start), KAPI_SITE("read_seqretry(" #s ", " #start ")"))
#define write_seqlock(s) kapi_seqlock_write((s), KAPI_SITE("write_seqlock(" #s ")"))
#define write_sequnlock(s) kapi_seqlock_unwrite((s), KAPI_SITE("write_sequnlock(" #s ")"))
#define write_seqlock_irqsave(s, flags)                                                 \
	do {                                                                            \
		local_irq_save(flags);                                                  \
		write_seqlock(s);                                                       \
	} while (0)
#define write_sequnlock_irqrestore(s, flags)                                            \
	do {                                                                            \
		write_sequnlock(s);                                                     \
		local_irq_restore(flags);                                               \
	} while (0)
/* A reader that keeps writers out instead. */
#define read_seqlock_excl(s) \
	mach_spin_lock(&(s)->lock.locked, KAPI_SITE("read_seqlock_excl(" #s ")"))
#define read_sequnlock_excl(s) \
	mach_spin_unlock(&(s)->lock.locked, KAPI_SITE("read_sequnlock_excl(" #s ")"))

#endif
