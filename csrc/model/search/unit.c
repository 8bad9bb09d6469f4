/* The search under sc, with sets of 64, 128, 256 and 1024 events. */
#include <string.h>

#include "model/explore.h"

#define MODEL 0
#define PASTE_(name, model, words) name##_##model##_##words
#define PASTE(name, model, words) PASTE_(name, model, words)
#define name PASTE(name, sc, WORDS)

#define WORDS 1
#include "model/search_build.h"
#undef WORDS
#define WORDS 2
#include "model/search_build.h"
#undef WORDS
#define WORDS 4
#include "model/search_build.h"
#undef WORDS
#define WORDS 16
#include "model/search_build.h"
