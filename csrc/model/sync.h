#ifndef MODEL_SYNC_H
#define MODEL_SYNC_H

#include "model/model.h"

/* Wait until every section that other CPUs can be seen to have begun has ended;
 * a full barrier on both sides. */
void sync_wait_sections(enum place_kind in, enum place_kind out, const struct site *site);

#endif
