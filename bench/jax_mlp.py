#!/usr/bin/env python3
"""The network in JAX on the CPU, f32, a whole epoch as one compiled function. mnist.py says how it
is called and what is timed; the compilation is not. Threads are limited by the processors that
the process may use (taskset), which is what XLA goes by.
"""
import functools

import jax
import jax.numpy as jnp
import numpy

import mnist


def first_weights(sizes, key):
    """He uniform, biases zero."""
    keys = jax.random.split(key, len(sizes) - 1)
    bounds = [(6 / inputs) ** 0.5 for inputs in sizes]
    return [(jax.random.uniform(keys[i], sizes[i:i + 2], minval=-bounds[i], maxval=bounds[i]),
             jnp.zeros(sizes[i + 1])) for i in range(len(sizes) - 1)]


def answer(weights, x):
    for matrix, bias in weights[:-1]:
        x = jax.nn.relu(x @ matrix + bias)
    matrix, bias = weights[-1]
    return x @ matrix + bias


def loss_of(weights, x, labels):
    likelihood = jax.nn.log_softmax(answer(weights, x))
    return -jnp.take_along_axis(likelihood, labels[:, None], 1).mean()


def step(images, labels, rate, state, rows):
    weights, momenta = state
    loss, gradients = jax.value_and_grad(loss_of)(weights, images[rows], labels[rows])
    momenta = jax.tree.map(lambda v, g: mnist.MOMENTUM * v + rate * g, momenta, gradients)
    return (jax.tree.map(lambda w, v: w - v, weights, momenta), momenta), loss


@functools.partial(jax.jit, donate_argnums=2)
def train_epoch(images, labels, state, rate, key):
    batches = len(labels) // mnist.BATCH
    order = jax.random.permutation(key, len(labels))[:batches * mnist.BATCH]
    state, losses = jax.lax.scan(functools.partial(step, images, labels, rate), state,
                                 order.reshape(batches, mnist.BATCH))
    return state, losses.mean()


@jax.jit
def accuracy(weights, images, labels):
    return (answer(weights, images).argmax(1) == labels).mean()


class Trainer:
    def __init__(self, chosen):
        self.key = jax.random.key(chosen.seed)
        weights = first_weights(chosen.sizes, self.key)
        self.state = weights, jax.tree.map(jnp.zeros_like, weights)
        self.train, self.test = ([jnp.asarray(array) for array in
                                  mnist.read_part(chosen.data, part)] for part in ("train", "t10k"))
        # Compiled here, outside of the timing; trained for one epoch at rate 0, which changes
        # nothing.
        self.state = train_epoch(*self.train, self.state, jnp.float32(0), self.key)[0]
        self.state[0][0][0].block_until_ready()

    def epoch(self, number):
        key = jax.random.fold_in(self.key, number)
        self.state, loss = train_epoch(*self.train, self.state,
                                       numpy.float32(mnist.rate_of(number)), key)
        return len(self.train[1]) // mnist.BATCH * mnist.BATCH, float(loss)

    def accuracy(self):
        return float(accuracy(self.state[0], *self.test))


def main():
    chosen = mnist.options()
    trainer = Trainer(chosen)
    mnist.run(chosen, trainer.epoch, trainer.accuracy)


main()
