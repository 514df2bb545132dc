/* reserved.h - names that a model file may not use, or not as they are. */
#ifndef RESERVED_H
#define RESERVED_H

#include <stdbool.h>

/* No name of a model file may be one of these: they belong to C, m4 or the generated code. */
bool name_is_reserved(const char *name);
/* Nor may a model have one of these: it names a type, two files and a family of functions. */
bool model_name_is_reserved(const char *name);
/* Whether `name` can stand as a parameter of the generated functions of that model. */
bool can_name_parameter(const char *name, const char *model);

#endif
