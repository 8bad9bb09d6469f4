/* Names of types and small words that kernel code uses everywhere. They access nothing. */
#ifndef KAPI_TYPES_H
#define KAPI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h> /* __u8 to __s64, as signal.h has them too */
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* The object whose member ptr points to. Nothing is loaded. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define BITS_PER_LONG 64
#define BIT(nr) (1ul << (nr))

/* What the kernel tells its own tools; here it says nothing. */
#define __rcu
#define __percpu
#define __must_check

#define KAPI_INLINE static inline __attribute__((always_inline))
/* The name of an operation and its arguments, for reports. */
#define KAPI_OP(name, args) KAPI_SITE(name "(" args ")")

#endif
