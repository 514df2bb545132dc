"""Precision, batch and train block of random models; each optional setting is in some of them."""
from choices import MOST_PRODUCTS, Choices


class Training(Choices):
    def choose_precision(self):
        kind = self.pick({"i8": 5, "i16": 4, "i32": 3, "f32": 3, "block": 6})
        self.use("precision " + kind)
        self.float, self.master, self.activations = kind == "f32", "i32", kind
        if kind != "block":
            return kind
        classes = {"weights": "i8 i16 i32", "activations": "i8 i16 i32",
                   "gradients": "i8 i16 i32", "master": "i32 i16 none", "accumulators": "i32 i64"}
        chosen = {name: self.random.choice(types.split()) for name, types in classes.items()
                  if self.chance(0.6)}
        self.use(*("%s %s" % item for item in chosen.items()))
        self.master, self.activations = chosen.get("master", "i32"), chosen.get("activations", "i8")
        return "{ %s }" % "  ".join("%s %s" % item for item in chosen.items())

    def choose_batch(self):
        most = min(64, max(1, MOST_PRODUCTS // max(1, self.weights)))
        least = 5 if "batchnorm" in self.features else 1
        sizes = [size for size in (1, 1, 2, 3, 5, 7, 8, 13, 16, 31, 32, 33, 48, 63, 64)
                 if least <= size <= max(most, least)]
        batch = self.random.choice(sizes)
        self.use("batch 1" if batch == 1 else "batch of more")
        return batch

    def optimizer(self):
        coarse = self.master != "i32" and not self.float
        rates = ["2^-1", "2^-2", "0.3"] if coarse else ["2^-3", "2^-5", "2^-7", "0.05", "0.1", "1/96"]
        kind = self.pick({"none": 3, "power of two": 3, "any": 3})
        momenta = {"none": [None], "power of two": ["1 - 2^-3", "0.5", "1 - 2^-6"],
                   "any": ["0.9", "0.99", "0.7", "2/3"]}
        momentum = self.wildly(momenta[kind], ["0.9999", "0.001", "1 - 2^-12", None])
        self.use("momentum " + kind)
        rate = self.wildly(rates, ["1", "5", "16", "2^-11", "1e-4"])
        self.use("rate of any value" if rate[:2] != "2^" else "rate 2^-k")
        # nesterov's momentum is 0.01 or more.
        name = self.pick({"sgd": 6, "nesterov": 0 if momentum in (None, "0.001") else 1,
                          "sign_sgd": 2, "adam": 2, "adamw": 2, "rmsprop": 2})
        self.use("optimizer " + name)
        if name in ("adam", "adamw"):
            return "%s(lr = %s%s)" % (name, rate, self.random.choice([
                "", ", beta1 = 0.9, beta2 = 0.999", ", eps = 0.01", ", beta1 = 0.5, beta2 = 0.75",
                ", beta2 = 0.9999", ", beta1 = 0.9, beta2 = 0.6"]))
        if name == "rmsprop":
            return "rmsprop(lr = %s%s)" % (rate,
                                           self.random.choice(["", ", alpha = 0.9", ", eps = 2^-9"]))
        return "%s(lr = %s%s)" % (name, rate, ", momentum = " + momentum if momentum else "")

    def schedule(self):
        kind = self.pick({"constant": 1, "halve_every": 2, "halve_at": 2, "steps": 2, "cosine": 2,
                          "warmup": 2})
        self.use("schedule " + kind)
        if kind == "constant":
            return kind
        if kind == "halve_every":
            return "halve_every(%d)" % self.random.randint(1, 5)
        if kind == "cosine":
            return self.random.choice(["cosine()", "cosine(7)", "cosine(3, least = 0.25)",
                                       "cosine(least = 2^-9)"])
        if kind == "warmup":
            return self.random.choice(["warmup(2)", "warmup(3, cosine(9))", "warmup(1, constant)",
                                       "warmup(2, steps([3, 4], 0.3))"])
        epochs = ", ".join(
            map(str, sorted(self.random.sample(range(1, 30), self.random.randint(1, 5)))))
        if kind == "steps":
            return "steps([%s], factor = %s)" % (epochs, self.random.choice(["0.1", "2^-1", "0.7"]))
        return "halve_at([%s])" % epochs

    def headroom(self):
        if self.chance(0.5):
            self.use("headroom")
            return self.wildly(["8", "24", "2^6", "4"], ["0.25", "4096", "300"])
        self.use("headroom by class")
        classes = ["weights", "activations", "errors", "inputs", "logits"]
        if not self.float and len(self.values) > 2 and self.values[-1].name not in classes:
            classes.append(self.values[-1].name)
        chosen = self.random.sample(classes, self.random.randint(1, 3))
        return "{ %s }" % "  ".join("%s %s" % (name,
                                               self.wildly(["2", "8", "20", "128"], ["0.25", "4096"]))
                                    for name in chosen)

    def augment(self):
        """What the input suits: images, of which at least a line and a column stay in sight."""
        farthest = min(self.image[:2]) - 1
        kind = self.pick({"shift": 2, "flip": 1, "both": 2}) if farthest > 0 else "flip"
        shift = "shift(%s)" % self.integer(self.random.randint(1, max(1, farthest)))
        if kind != "flip":
            self.use("shift of images")
        if kind != "shift":
            self.use("flip of images")
        return {"shift": shift, "flip": "flip", "both": "[%s, flip]" % shift}[kind]

    def settings(self):
        """Every setting that has a place in a train block, each in some of the models."""
        optional = {"clip": lambda: self.wildly(["0.5", "1", "2^-3", "4", "0.01"],
                                                ["1000", "1e-5"]),
                    "weight_decay": lambda: "2^-%d" % self.wildly(range(3, 20), [1, 2, 25, 30, 31]),
                    "schedule": self.schedule, "headroom": self.headroom,
                    "epochs": lambda: str(self.random.randint(1, 40)),
                    "rounding": lambda: self.random.choice(["nearest", "stochastic"]),
                    "seed": lambda: str(self.random.choice([0, 1, 77, 2 ** 53])),
                    "stop": lambda: "accuracy >= 0.95",
                    "data": lambda: 'csv("x.csv", label = "y", test = 0.2)'}
        rows = [("precision", self.precision), ("optimizer", self.optimizer()),
                ("batch", str(self.batch))]
        for name, value in optional.items():
            if self.chance(0.25):
                rows.append((name, value()))
                self.use(name)
        if "batchnorm" not in self.features and self.chance(0.2):
            rows.append(("average",
                         "last %d" % self.random.randint(1, int(dict(rows).get("epochs", 10)))))
            self.use("average")
        if self.image and self.image[1] > 1 and self.chance(0.4):
            rows.append(("augment", self.augment()))
        self.random.shuffle(rows)
        return rows
