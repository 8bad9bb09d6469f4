/*
 * A scenario of the user's, built from one file for both machines and loaded at run
 * time. It links against nothing of ours: everything slow is behind cpu->ops, and the
 * model's operations are behind a table that it is handed here.
 */
#include <dlfcn.h>
#include <stdlib.h>

#include "error.h"
#include "catalogue.h"
#include "kapi/contract.h"
#include "model/ops.h"
#include "model/registry.h"

#define SYMBOL "vmemstress_scenario"

/* Only the build for the model has the symbol. */
static void hand_over(void *object)
{
	const struct model_ops **slot = dlsym(object, MODEL_OPS_SYMBOL);

	if (slot)
		*slot = model_ops();
}

static const struct scenario *load(const char *path, vms_error *err)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct scenario *s;

	if (!object) {
		vms_fail(err, VMS_EINVAL, "%s", dlerror());
		return NULL;
	}
	s = dlsym(object, SYMBOL);
	if (!s)
		vms_fail(err, VMS_EINVAL, "%s defines no scenario: end it with SCENARIO(...)", path);
	else if (s->abi != KAPI_ABI || s->size != sizeof(*s))
		vms_fail(err, VMS_EINVAL,
			 "%s was built for another version (abi %u, %u bytes; here %d, %zu): "
			 "build it again", path, s->abi, s->size, KAPI_ABI, sizeof(*s));
	else if (!s->n_actors || s->n_actors > KAPI_MAX_ACTORS || !s->n_outcomes ||
		 s->n_params > VMS_MAX_PARAMS || s->n_outcomes > 60)
		vms_fail(err, VMS_EINVAL,
			 "%s: needs 1..%d actors, 1..60 outcomes, at most %d parameters", path,
			 KAPI_MAX_ACTORS, VMS_MAX_PARAMS);
	else {
		hand_over(object);
		return s; /* stays loaded: threads and results refer to it */
	}
	dlclose(object);
	return NULL;
}

const vms_scenario *vms_scenario_load(const char *plain, const char *points, const char *model,
				      vms_error *err)
{
	const struct scenario *p = load(plain, err), *q = p ? load(points, err) : NULL;
	const struct scenario *m = q ? load(model, err) : NULL;
	vms_scenario *v;

	if (!m)
		return NULL;
	v = calloc(1, sizeof(*v));
	if (!v) {
		vms_fail(err, VMS_EUNSUPPORTED, "out of memory");
		return NULL;
	}
	v->plain[VARIANT_FIRST] = v->plain[VARIANT_LSE] = p;
	v->model = m;
	v->points[VARIANT_FIRST] = v->points[VARIANT_LSE] = q;
	return v;
}

int vms_scenario_load_lse(const vms_scenario *loaded, const char *plain, const char *points,
			  vms_error *err)
{
	const struct scenario *p = load(plain, err), *q = p ? load(points, err) : NULL;
	vms_scenario *v = (vms_scenario *)loaded; /* made above */

	if (!q)
		return err->status;
	v->plain[VARIANT_LSE] = p;
	v->points[VARIANT_LSE] = q;
	return VMS_OK;
}
