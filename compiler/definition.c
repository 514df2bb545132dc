/* definition.c - how an m4 definition is written, and what names become in C. */
#include "define.h"

#include <ctype.h>
#include <string.h>

char *upper(Model *model, const char *text) {
    char *copy = arena_copy(model->arena, text, strlen(text));
    for (char *at = copy; *at; ++at)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

char *member_name(Model *model, const Tensor *tensor) {
    char *copy = arena_copy(model->arena, tensor->name, strlen(tensor->name));
    for (char *at = copy; *at; ++at)
        if (*at == '.')
            *at = '_';
    return copy;
}

/* Quoted twice: once for m4_define, once so that expanding it reads no macros in it. */
void define_text(Text *out, const char *name, const char *value) {
    text_add(out, "m4_define([<INTC_%s>],[<[<%s>]>])m4_dnl\n", name, value);
}

void define_flag(Text *out, const char *name, bool set) {
    define_text(out, name, set ? "1" : "");
}

void define_integer(Text *out, const char *name, int64_t value) {
    text_add(out, "m4_define([<INTC_%s>],[<%lld>])m4_dnl\n", name, (long long)value);
}
