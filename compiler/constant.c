/* constant.c - constant expressions: learning rates, momenta, sizes. */
#include "check.h"

#include <math.h>

static double binary_value(char operation, double left, double right) {
    switch (operation) {
    case '+': return left + right;
    case '-': return left - right;
    case '*': return left * right;
    case '/': return left / right;
    default: return pow(left, right);
    }
}

bool is_constant(const Node *node) {
    switch (node->kind) {
    case NODE_NUMBER: return true;
    case NODE_NEGATE: return is_constant(node->first);
    case NODE_BINARY: return is_constant(node->first) && is_constant(node->first->next);
    default: return false;
    }
}

static bool fold(Model *model, const Node *node, double *value) {
    double left, right;
    switch (node->kind) {
    case NODE_NUMBER:
        *value = node->number;
        return true;
    case NODE_NEGATE:
        if (!fold(model, node->first, value))
            return false;
        *value = -*value;
        return true;
    case NODE_BINARY:
        if (!fold(model, node->first, &left) || !fold(model, node->first->next, &right))
            return false;
        *value = binary_value(node->text[0], left, right);
        return true;
    default:
        diag_error(model, node->place, "'%s' is not a constant",
                   node_source(model->arena, node));
        diag_help(model, "write a number or an expression of numbers, such as 2^-5 or 1 - 2^-3");
        return false;
    }
}

bool constant_number(Model *model, const Node *node, double *value) {
    if (!fold(model, node, value))
        return false;
    if (isfinite(*value))
        return true;
    diag_error(model, node->place, "'%s' has no finite value", node_source(model->arena, node));
    return false;
}

bool constant_integer(Model *model, const Node *node, const char *what, int64_t least,
                      int64_t most, int64_t *value) {
    double number;
    if (!constant_number(model, node, &number))
        return false;
    if (floor(number) == number && number >= (double)least && number <= (double)most) {
        *value = (int64_t)number;
        return true;
    }
    diag_error(model, node->place, "%s must be a whole number from %lld to %lld, not %.12g", what,
               (long long)least, (long long)most, number);
    return false;
}

bool constant_power_shift(Model *model, const Node *node, const char *what, int *shift) {
    double number;
    if (!constant_number(model, node, &number))
        return false;
    int exponent;
    if (number > 0 && frexp(number, &exponent) == 0.5 && exponent <= 0 && exponent > -31) {
        *shift = 1 - exponent;
        return true;
    }
    diag_error(model, node->place, "%s must be 2^-k with k from 1 to 31, not %.12g", what, number);
    return false;
}

Rational rational_from(double value, int bits, Place place) {
    Rational result = {.asked = value, .place = place};
    if (value == 0)
        return result;
    int exponent;
    double fraction = frexp(value, &exponent); /* value = fraction * 2^exponent, in [1/2, 1) */
    result.multiplier = llround(ldexp(fraction, bits));
    result.shift = bits - exponent;
    while (result.multiplier % 2 == 0) {
        result.multiplier /= 2;
        --result.shift;
    }
    return result;
}

double rational_value(Rational rational) {
    return ldexp((double)rational.multiplier, -rational.shift);
}
