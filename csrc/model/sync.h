#ifndef MODEL_SYNC_H
#define MODEL_SYNC_H

#include "model/model.h"

/* Wait until every section that other CPUs can be seen to have begun has ended;
 * a full barrier on both sides. */
void sync_wait_sections(enum place_kind in, enum place_kind out, const struct site *site);

/* A barrier on every CPU; where one may take notice of it; and its end, which answers. */
void ipi_everywhere(const struct site *site);
void ipi_point(const struct site *site);
void ipi_end(const struct site *site);

#endif
