/* call.c - matches the arguments of a call with the parameters that an operator declares. */
#include "check.h"

#include <string.h>

static int parameter_count(const Parameter *parameters) {
    int count = 0;
    while (count < MAX_PARAMETERS && parameters[count].kind != ARGUMENT_NONE)
        ++count;
    return count;
}

static int parameter_find(const Parameter *parameters, const char *name) {
    for (int i = 0; i < parameter_count(parameters); ++i)
        if (strcmp(parameters[i].name, name) == 0)
            return i;
    return -1;
}

static int operand_count(const Call *call) {
    int count = 0;
    while (call->operands && call->operands[count])
        ++count;
    return count;
}

/* `dense(x, units, bias = ..., init = ...)`: what a call of this operator looks like. */
static char *usage(Model *model, const Call *call, const Parameter *parameters) {
    Text text = text_new(model->arena);
    int operands = operand_count(call);
    text_add(&text, "%s(", call->node->text);
    for (int i = 0; i < operands; ++i)
        text_add(&text, "%s%s", i ? ", " : "", call->operands[i]);
    for (int i = 0; i < parameter_count(parameters); ++i)
        text_add(&text, parameters[i].required ? "%s%s" : "%s%s = ...", operands + i ? ", " : "",
                 parameters[i].name);
    text_add(&text, ")");
    return text.text;
}

static void report_unknown(Model *model, const Call *call, const Node *named,
                           const Parameter *parameters) {
    const char *names[MAX_PARAMETERS + 1] = {NULL};
    for (int i = 0; i < parameter_count(parameters); ++i)
        names[i] = parameters[i].name;
    const char *nearest = diag_nearest(named->text, names);
    diag_error(model, named->place, "'%s' has no argument '%s'", call->node->text, named->text);
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
    else
        diag_help(model, "write %s", usage(model, call, parameters));
}

static bool read_choice(Model *model, const Node *node, const Parameter *parameter,
                        Argument *argument) {
    Text choices = text_new(model->arena);
    const char *given = node_source(model->arena, node);
    for (int i = 0; parameter->choices[i]; ++i) {
        text_add(&choices, i ? ", %s" : "%s", parameter->choices[i]);
        if (strcmp(parameter->choices[i], given) == 0) {
            argument->text = parameter->choices[i];
            return true;
        }
    }
    diag_error(model, node->place, "'%s' must be one of %s, not '%s'", parameter->name,
               choices.text, given);
    return false;
}

static bool read_number(Model *model, const Node *node, const Parameter *parameter,
                        double *number) {
    if (!constant_number(model, node, number))
        return false;
    if (*number >= parameter->least && *number <= parameter->most)
        return true;
    diag_error(model, node->place, "'%s' must lie between %.12g and %.12g, not %.12g",
               parameter->name, parameter->least, parameter->most, *number);
    return false;
}

static bool read_numbers(Model *model, const Node *node, const Parameter *parameter,
                         Argument *argument) {
    if (node->kind != NODE_LIST) {
        diag_error(model, node->place, "'%s' must be a list of numbers, such as [1, 2, 0.5]",
                   parameter->name);
        return false;
    }
    double *numbers = arena_alloc(model->arena, (size_t)node_count(node) * sizeof *numbers);
    argument->numbers = numbers;
    argument->list = node;
    for (const Node *item = node->first; item; item = item->next)
        if (!read_number(model, item, parameter, numbers++))
            return false;
    return true;
}

static bool read_integer(Model *model, const Node *node, const Parameter *parameter,
                         Argument *argument) {
    int64_t value;
    char *what = arena_print(model->arena, "'%s'", parameter->name);
    if (!constant_integer(model, node, what, (int64_t)parameter->least, (int64_t)parameter->most,
                          &value))
        return false;
    argument->number = (double)value;
    return true;
}

bool takes_tensor(Model *model, const Node *node, ArgumentKind kind, const Tensor *tensor) {
    bool indices = tensor->classes > 0, wanted = kind == ARGUMENT_INDEX;
    if (indices == wanted)
        return true;
    const char *source = node_source(model->arena, node);
    if (indices) {
        diag_error(model, node->place, "'%s' holds indices, which are no values", source);
        diag_help(model, "onehot(%s) makes values of them, and embed(%s, %d, dim)", source, source,
                  tensor->classes);
    } else {
        diag_error(model, node->place, "'%s' holds no indices", source);
        diag_help(model, "argmax makes some, and an input of indices: input text: u8[64] "
                         "index(128)");
    }
    return false;
}

bool argument_read(Model *model, const Node *node, const Parameter *parameter, TensorReader reader,
                   void *scope, Argument *argument) {
    bool constant = parameter->kind == ARGUMENT_OPERAND && is_constant(node);
    argument->given = true;
    argument->place = node->place;
    switch (constant ? ARGUMENT_NUMBER : parameter->kind) {
    case ARGUMENT_OPERAND:
    case ARGUMENT_TENSOR:
    case ARGUMENT_INDEX:
        argument->tensor = reader(model, scope, node);
        return argument->tensor && takes_tensor(model, node, parameter->kind, argument->tensor);
    case ARGUMENT_INTEGER: return read_integer(model, node, parameter, argument);
    case ARGUMENT_NUMBER: return read_number(model, node, parameter, &argument->number);
    case ARGUMENT_NUMBERS: return read_numbers(model, node, parameter, argument);
    default: return read_choice(model, node, parameter, argument);
    }
}

static void set_defaults(const Parameter *parameters, Call *call) {
    for (int i = 0; i < parameter_count(parameters); ++i) {
        call->argument[i].name = parameters[i].name;
        call->argument[i].number = parameters[i].fallback;
        call->argument[i].text = parameters[i].choices[0];
    }
}

static bool all_given(Model *model, const Parameter *parameters, const Call *call) {
    for (int i = 0; i < parameter_count(parameters); ++i) {
        if (!parameters[i].required || call->argument[i].given)
            continue;
        diag_error(model, call->place, "'%s' lacks its argument '%s'", call->node->text,
                   parameters[i].name);
        diag_help(model, "write %s", usage(model, call, parameters));
        return false;
    }
    return true;
}

/* The parameter that an argument is for, or -1 after a message. */
static int find_target(Model *model, const Call *call, const Node *argument, int position,
                       const Parameter *parameters) {
    if (argument->kind == NODE_NAMED) {
        int index = parameter_find(parameters, argument->text);
        if (index < 0)
            report_unknown(model, call, argument, parameters);
        return index;
    }
    if (position < parameter_count(parameters))
        return position;
    int operands = operand_count(call), most = operands + parameter_count(parameters);
    diag_error(model, argument->place, "'%s' takes %d argument%s, not %d", call->node->text, most,
               most == 1 ? "" : "s", operands + node_count(call->node));
    diag_help(model, "write %s", usage(model, call, parameters));
    return -1;
}

bool call_bind(Model *model, const Node *node, const Parameter *parameters, TensorReader reader,
               void *scope, Call *call) {
    bool good = true;
    int position = 0;
    call->node = node;
    call->place = node->place;
    set_defaults(parameters, call);
    for (const Node *argument = node->first; argument; argument = argument->next, ++position) {
        const Node *value = argument->kind == NODE_NAMED ? argument->first : argument;
        int index = find_target(model, call, argument, position, parameters);
        if (index < 0)
            return false;
        if (call->argument[index].given) {
            diag_error(model, argument->place, "'%s' is given twice", parameters[index].name);
            return false;
        }
        good &= argument_read(model, value, &parameters[index], reader, scope,
                              &call->argument[index]);
    }
    return good && all_given(model, parameters, call);
}

bool width_fits(Model *model, const Call *call, int least, int most) {
    const Tensor *x = call->argument[0].tensor;
    int64_t width = shape_last(x->shape);
    if (width >= least && width <= most)
        return true;
    diag_error(model, call->argument[0].place,
               "'%s' takes %d to %d elements in the last dimension, but '%s' is %s",
               call->node->text, least, most, node_source(model->arena, call->node->first),
               tensor_type(model, x));
    return false;
}
