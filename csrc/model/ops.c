/* The table that a scenario of the user's is handed. */
#include "model/machine.h"
#include "model/registry.h"

#define ROW(type, name, params, args) .name = name,
#define ROW_VOID(name, params, args) .name = name,
static const struct model_ops ops = {
	.abi = KAPI_ABI, .size = sizeof(struct model_ops), MODEL_OPS(ROW, ROW_VOID)
};

const struct model_ops *model_ops(void)
{
	return &ops;
}
