"""Random repositories and random AimQL expressions: mostly well typed, at times not."""

STRS = ["", "a", "ab", "resnet18", "resnet-50", "ViT-L", "mlp", "Hello World", "päper ✓", "x,y,,z", " pad\t", "ßtraße",
        "12", "-7", "3.5", "1e3", "0x1f", "nan", "true", "a.b.c", "line1\nline2\r\nline3", "ÀÉ", "ǆ", "日本", "%d", "{}",
        "aaaa", "abcabc", "Title Case", "UPPER", "it's", 'say "hi"', "back\\slash", "١٢", "²", "½", "\x00\x7f", "😀", "_x1"]
INTS = [0, 1, -1, 2, 3, 5, 7, 10, -3, 16, 100, 255, 256, 1000, -128, 2**31, -2**31, 2**53, 2**53 + 1, 2**63 - 1, -2**63, 2**63,
        2**64, 10**20, -10**25, 3**50]
HEX = ("0x1.8p3", "-.8P+1", "ff", "0x1.fffffffffffff8p0", "0x1.00000000000008p0", "0x1.8p-1075", "0x1p1024", "1_0", "0x")
FLOATS = [0.0, -0.0, 0.1, 0.5, 1.0, -1.5, 2.5, 3.0, 1e-5, 1e-4, 0.0001234, 123456789.125, 1e15, 1e16, 1.5e300, 1e308, 5e-324, 2.0**53,
          9007199254740993.0, 0.30000000000000004, 2.675, 1e22, -7.0, 100.0, 1/3]
NAMES = ["i", "f", "s", "b", "l", "ls", "d", "mixed", "n", "t"]
METRICS = ["loss", "acc", "lr"]
CONTEXTS = [{}, {"subset": "train"}, {"subset": "val"}, {"subset": "val", "ema": True}, {"group": 0}, {"group": 1, "p": {"k": "b"}}]


def scalar(rng, depth=0):
    k = rng.randrange(6)
    if k == 0: return rng.choice(INTS)
    if k == 1: return rng.choice(FLOATS)
    if k == 2: return rng.choice(STRS)
    if k == 3: return rng.choice([True, False, None])
    if k == 4: return rng.randrange(-20, 20)
    return rng.choice([float("inf"), float("-inf"), float("nan"), 1, "a"])


def repository(rng):
    runs = []
    for index in range(rng.randrange(1, 6)):
        p = {}
        def put(name, make):
            if rng.random() < 0.8: p[name] = make() if rng.random() < 0.9 else scalar(rng)
        put("i", lambda: rng.choice(INTS)); put("f", lambda: rng.choice(FLOATS)); put("s", lambda: rng.choice(STRS))
        put("b", lambda: rng.random() < 0.5); put("l", lambda: [rng.randrange(-5, 10) for _ in range(rng.randrange(5))])
        put("ls", lambda: [rng.choice(STRS) for _ in range(rng.randrange(4))])
        put("mixed", lambda: [scalar(rng) for _ in range(rng.randrange(4))]); put("n", lambda: None)
        put("d", lambda: {"lr": rng.choice(FLOATS), "name": rng.choice(STRS), "items": 3, "deep": {"er": [1, {"k": "v"}]},
                          "_hidden": rng.randrange(5), "layers": [64, rng.randrange(5)]})
        put("t", lambda: rng.choice([{}, [], {"a": {"b": {"c": rng.randrange(3)}}}]))
        put("__system_params", lambda: {"cwd": "/x"})
        r = {"index": index, "params": p, "metrics": []}
        for name in METRICS:
            for context in CONTEXTS:
                if rng.random() < 0.12:
                    steps = sorted(rng.sample(range(50), rng.randrange(1, 4)))
                    r["metrics"].append({"name": name, "context": context,
                                         "points": [[s, rng.choice([0.5, -1.25, 3.0, 0.1, 1e9])] for s in steps]})
        if rng.random() < 0.4: r["name"] = rng.choice(STRS)
        if rng.random() < 0.4: r["description"] = rng.choice(STRS)
        if rng.random() < 0.4: r["experiment"] = rng.choice(["baseline", "abl", "x"])
        if rng.random() < 0.4: r["tags"] = rng.sample(["best", "v1.0", "old", "a"], rng.randrange(3))
        if rng.random() < 0.2: r["archived"] = True
        if rng.random() < 0.3: r["active"] = True
        runs.append(r)
    return runs


class Grammar:
    def __init__(self, rng, kind="all"):
        self.r, self.kind, self.vars, self.lambdas = rng, kind, [], 0

    def pick(self, *options): return self.r.choice(options)
    def chance(self, p): return self.r.random() < p

    def query(self):
        self.vars = []
        kind = self.kind if self.kind != "all" else self.r.choices(
            ["any", "bool", "str", "num", "fmt", "time", "list", "dict", "set", "text", "path"], [4, 4, 3, 3, 4, 4, 3, 2, 1, 1, 3])[0]
        depth = self.r.choice([2, 2, 3, 3, 4])
        if kind == "text": q = self.mutate(self.any(3))
        else: q = getattr(self, kind)(depth)
        if self.chance(0.03): q = "SELECT metric IF " + q
        if self.chance(0.05): q = f"{q} or run.archived"
        if self.chance(0.05): q = self.pick(" ", "\n", "\t", "") + q + self.pick(" ", "\n", "")
        return q

    def mutate(self, q):
        """Damages the text."""
        q = list(q)
        for _ in range(self.r.randrange(1, 3)):
            i = self.r.randrange(len(q) + 1)
            k = self.r.randrange(3)
            if k == 0 and i < len(q): del q[i]
            elif k == 1: q.insert(i, self.pick(*"()[]{}.,:'\"+-*/%<>=!&|^~ \\ifo0_@#$"))
            elif i < len(q): q[i] = self.pick(*"()[]{}.,:'\"+-*/%<>=!&|^~ \\ifo0_@")
        return "".join(q)

    # Any type, now and then the wrong one.
    def any(self, d=2):
        return getattr(self, self.pick("bool", "str", "num", "list", "path", "time", "dict", "set", "fmt"))(d)

    def path(self, d=1):
        r = self.r
        base = self.pick("run", "run", "run", "run", "metric.run") if self.chance(0.9) else "metric.context"
        k = r.randrange(14)
        n = self.pick(*NAMES)
        if k < 4: return f"{base}.{n}"
        if k == 4: return f"{base}[{n!r}]"
        if k == 5: return self.pick(f"{base}.d.lr", f"{base}.d.name", f"{base}['d','deep','er']", f"{base}.d.deep.er[1].k", f"{base}.d.items",
                                    f"{base}.d['items']", f"{base}.d.layers[-1]", f"{base}.d.layers[7]", f"{base}.d._hidden", f"{base}.d.nope.x",
                                    f"{base}['d']['deep','er']", f"{base}.d.deep.er[0]", f"{base}.t.a.b.c", f"{base}.__system_params.cwd", f"{base}.d[()]",
                                    f"{base}.t", f"{base}.d", f"{base}.d.get('lr')", f"{base}.d.get('no', {{'x': 1}}).x", f"{base}.d.get('no', [1])[5]")
        if k == 6: return self.pick("run.nope", "run.nope.deeper", "run['nope', 'x']", "run.nope(3)", "run.nope[0]", "run.__class__", "run._x")
        if k == 7: return f"run.get({n!r}{self.pick('', ', 5', ', None', ', ' + self.lit())})"
        if k == 8: return self.pick("run.name", "run.description", "run.experiment", "run.tags", "run.archived", "run.active", "run.hash", "run.duration",
                                    "run.created_at", "run.finalized_at", "run.end_time", "run.creation_time")
        if k == 9: return self.pick("metric.name", "metric.context", "metric.last", "metric.first_step", "metric.context.subset", "metric.min", "metric.max",
                                    "metric.nope", "metric.context.p.k", "metric.context['subset']", "metric.context.get('ema')", "metric.first", "metric.last_step",
                                    "metric._x", "metric['name']", "metric.context == {'subset': 'val'}")
        if k == 10:
            c = self.pick("", "", ", {'subset': 'train'}", ", {'subset': 'val', 'ema': True}", ", {'group': 0.0}", ", {'group': False}", ", run.t", ", {}")
            return f"run.metrics[{self.pick(*METRICS)!r}{c}]" + self.pick(".last", ".min", ".max", ".first_step", ".last_step", ".first", "", ".nope", "['last']")
        if k == 11: return self.pick(f"{base}.i", f"{base}.f")
        if k == 12: return self.pick(f"{base}.l", f"{base}.ls", f"{base}.mixed")
        return self.pick(f"{base}.{n}.{self.pick(*NAMES)}", f"{base}[{n!r}, {self.pick(*NAMES)!r}]", f"{base}[{self.str(0)}]", f"{base}.{n}[{self.int(0)}]")

    def lit(self):
        r = self.r
        k = r.randrange(7)
        if k < 2: return repr(self.pick(*INTS))
        if k == 2: return repr(self.pick(*FLOATS))
        if k < 5: return repr(self.pick(*STRS))
        return self.pick("True", "False", "None", "()", "[]", "{}", "1j", "b'ab'", "...")

    def var(self, kind):
        fitting = [n for n, k in self.vars if k == kind or k == "any"]
        return self.pick(*fitting) if fitting and self.chance(0.7) else None

    def int(self, d):
        if d <= 0 or self.chance(0.4):
            v = self.var("num")
            if v: return v
            if self.chance(0.25): return self.pick("run.i", "run.l[0]", "len(run.s)", "run.d._hidden")
            return repr(self.pick(*INTS)) if self.chance(0.3) else repr(self.r.randrange(-5, 12))
        k = self.r.randrange(10)
        if k < 4: return f"({self.int(d-1)} {self.pick('+', '-', '*', '//', '%', '&', '|', '^')} {self.int(d-1)})"
        if k == 4: return f"len({self.pick(self.str(d-1), self.list(d-1))})"
        if k == 5: return f"int({self.pick(self.num(d-1), self.str(d-1), self.int(d-1))})"
        if k == 6: return f"({self.int(d-1)} {self.pick('<<', '>>', '**')} {self.r.randrange(-1, 9)})"
        if k == 7: return self.pick(f"ord({self.str(d-1)}[0])", f"{self.str(d-1)}.{self.pick('find', 'count', 'index', 'rfind')}({self.str(0)})",
                                    f"hash({self.num(d-1)})", f"{self.int(d-1)}.bit_length()", f"hash(({self.int(0)}, {self.num(0)}))")
        if k == 8: return f"{self.pick('-', '+', '~', 'abs')}({self.int(d-1)})"
        return f"{self.pick('math.floor', 'math.ceil', 'math.trunc', 'round')}({self.num(d-1)})"

    def num(self, d):
        if d <= 0 or self.chance(0.2):
            if self.chance(0.25): return self.pick("run.f", "run.i", "run.d.lr", "run.b", "run.n", "run.nope")
            return self.pick(repr(self.pick(*FLOATS)), self.int(0))
        k = self.r.randrange(21)
        if k < 6: return f"({self.num(d-1)} {self.pick('+', '-', '*', '/', '//', '%', '/')} {self.num(d-1)})"
        if k == 6: return f"({self.num(d-1)} ** {self.pick('2', '3', '0.5', '-1', '-2', '10', '0', repr(self.pick(*FLOATS)))})"
        if k == 7: return f"round({self.num(d-1)}{self.pick('', ', ' + str(self.r.randrange(-4, 6)), ', None')})"
        if k == 8: return f"{self.pick('abs', 'float', 'int', 'bool', 'complex')}({self.num(d-1)})"
        if k == 9: return f"float({self.str(d-1)})"
        if k == 10: return f"{self.pick('sum', 'min', 'max')}({self.list(d-1)}{self.pick('', '', ', default=0')})"
        if k == 11: return f"{self.pick('min', 'max')}({self.num(d-1)}, {self.num(d-1)}{self.pick('', ', ' + self.int(0))})"
        if k == 12: return f"divmod({self.num(d-1)}, {self.num(d-1)})"
        if k == 13: return f"pow({self.int(d-1)}, {self.r.randrange(-2, 9)}{self.pick('', ', ' + self.int(0))})"
        if k == 14:
            f = self.pick("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "atan", "fabs", "isnan", "isinf", "isfinite", "degrees", "radians", "modf", "frexp", "ulp")
            return f"math.{f}({self.num(d-1)})"
        if k == 15: return self.pick(f"math.gcd({self.int(d-1)}, {self.int(d-1)})", f"math.comb({self.r.randrange(60)}, {self.r.randrange(30)})", "math.pi", "math.inf",
                                     f"math.fsum({self.list(d-1)})", f"math.factorial({self.r.randrange(-1, 30)})", f"math.isclose({self.num(d-1)}, {self.num(d-1)})",
                                     f"math.isqrt({self.int(d-1)})", f"math.lcm({self.int(d-1)}, {self.int(0)})", f"math.perm({self.r.randrange(20)}, {self.r.randrange(8)})",
                                     f"math.fmod({self.num(d-1)}, {self.num(0)})", f"math.copysign({self.num(d-1)}, {self.num(0)})", f"math.prod({self.list(d-1)})",
                                     f"math.pow({self.num(d-1)}, {self.num(0)})", f"math.remainder({self.num(d-1)}, {self.num(0)})", f"math.ldexp({self.num(0)}, {self.int(0)})")
        if k == 16: return self.path()
        if k == 17: return f"({self.num(d-1)} if {self.bool(d-1)} else {self.num(d-1)})"
        if k == 18: return f"{self.num(d-1)}.{self.pick('is_integer()', 'real', 'imag', 'as_integer_ratio()', 'conjugate()', 'hex()', 'numerator')}" if self.chance(0.7) else \
            f"({self.num(d-1)} {self.pick('+', '-', '*', '/', '**')} {self.pick('1j', '(2-3j)', '0j')})"
        if k == 19: return f"float.fromhex({self.pick(f'({self.num(d-1)}).hex()', *map(repr, HEX), self.str(0))})"
        return self.int(d)

    def str(self, d):
        if d <= 0 or self.chance(0.25):
            v = self.var("str")
            if v: return v
            if self.chance(0.35): return self.pick("run.s", "run.d.name", "run.name", "run.experiment", "metric.name", "run.ls[0]")
            return repr(self.pick(*STRS))
        s = self.str(d - 1)
        k = self.r.randrange(24)
        if k == 0: return f"{s}.{self.pick('lower', 'upper', 'title', 'capitalize', 'swapcase', 'casefold', 'strip', 'lstrip', 'rstrip')}()"
        if k == 1: return f"{s}.{self.pick('strip', 'lstrip', 'rstrip', 'removeprefix', 'removesuffix')}({self.str(0)})"
        if k == 2: return f"{s}.replace({self.str(0)}, {self.str(0)}{self.pick('', ', 1', ', -1', ', 0')})"
        if k == 3: return f"({s} + {self.str(d-1)})"
        if k == 4: return f"({s} * {self.r.randrange(-1, 4)})"
        if k == 5: return f"{s}[{self.index(d-1)}]"
        if k == 6: return f"{s}[{self.slice()}]"
        if k == 7: return f"{s}.{self.pick('center', 'ljust', 'rjust')}({self.r.randrange(-1, 14)}{self.pick('', ', ' + repr(self.pick('*', '✓', 'ab')))})"
        if k == 8: return f"{s}.zfill({self.r.randrange(12)})"
        if k == 9: return f"{self.str(0)}.join({self.list(d-1, 'str')})"
        if k == 10: return f"str({self.any(d-1)})"
        if k == 11: return f"repr({self.any(d-1)})"
        if k == 12: return f"{s}.{self.pick('partition', 'rpartition')}({self.str(0)})"
        if k == 13: return f"{s}.expandtabs({self.pick('', '4', '0', '1')})"
        if k == 14: return f"{s}.encode({self.pick('', repr('ascii'), repr('latin-1'), repr('utf-8'), repr('ascii') + ', ' + repr('replace'), repr('ascii') + ', errors=' + repr('ignore'), repr('bogus'))})"
        if k == 15: return f"{s}.translate({self.pick('{97: None}', '{97: 98, 98: ' + repr('xy') + '}', 'str.maketrans(' + repr('ab') + ', ' + repr('ba') + ')')})"
        if k == 16: return f"chr({self.int(d-1)})"
        if k == 17: return f"hex({self.int(d-1)})"
        if k == 18: return self.path()
        if k == 19: return f"({s} if {self.bool(d-1)} else {self.str(d-1)})"
        if k == 20: return f"bytes({s}, 'utf-8')" + self.pick("", ".decode()", ".hex()", "[0]", "[1:]", ".upper()", ".split()", ".decode('ascii')")
        if k == 21: return f"{s}.splitlines({self.pick('', 'True')})[{self.index(0)}]"
        return self.fmt(d)

    def index(self, d):
        return self.pick("0", "-1", "1", "2", self.int(d), self.any(0) if self.chance(0.2) else "0")

    def slice(self):
        part = lambda: self.pick("", "", "0", "1", "2", "-1", "-2", "5", "-9", "None", "True", str(2**70))
        return part() + ":" + part() + self.pick("", "", ":" + self.pick("1", "2", "-1", "-2", "", "0"))

    def bool(self, d):
        if d <= 0: return self.pick("True", "False", "run.b", self.path(), "run.nope")
        k = self.r.randrange(22)
        if k < 4: return f"({self.pick(self.num, self.str, self.any)(d-1)} {self.pick('<', '<=', '>', '>=', '==', '!=')} {self.pick(self.num, self.str, self.any)(d-1)})"
        if k == 4:
            t = self.pick(self.num, self.str, self.list, self.time)
            return f"({t(d-1)} {self.pick('<', '<=', '>', '>=', '==', '!=')} {t(d-1)})"
        if k == 5: return f"({self.num(0)} {self.pick('<', '<=', '==', '>')} {self.num(d-1)} {self.pick('<', '<=', '!=', 'is', 'in')} {self.any(0)})"
        if k == 6: return f"({self.any(d-1)} {self.pick('in', 'not in')} {self.pick(self.list, self.set, self.dict, self.str)(d-1)})"
        if k == 7: return f"({self.any(0)} {self.pick('in', 'not in')} {self.pick('(', '[', '{')}"[:-1] + (lambda o: o + ", ".join(self.lit2() for _ in range(self.r.randrange(1, 4))) + {"(": ",)", "[": "]", "{": "}"}[o])(self.pick("(", "[", "{")) + ")"
        if k == 8: return f"({self.path()} {self.pick('is', 'is not', '==', '!=')} {self.pick('None', 'True', 'False', 'run.nope')})"
        if k == 9: return f"(not {self.any(d-1)})"
        if k < 13: return f"({self.bool(d-1)} {self.pick('and', 'or')} {self.bool(d-1)})"
        if k == 13: return f"{self.pick('any', 'all')}({self.comp(d-1, self.bool, '()')})"
        if k == 14: return f"{self.str(d-1)}.{self.pick('startswith', 'endswith')}({self.pick(self.str(0), '(' + self.str(0) + ', ' + self.str(0) + ')', self.any(0))}{self.pick('', '', ', 1', ', -2', ', 1, 3')})"
        if k == 15: return f"{self.str(d-1)}.is{self.pick('alnum', 'alpha', 'ascii', 'decimal', 'digit', 'identifier', 'lower', 'numeric', 'printable', 'space', 'title', 'upper')}()"
        if k == 16: return f"isinstance({self.any(d-1)}, {self.pick('str', 'int', 'float', '(int, float)', 'list', 'bool', 'int | str', 'tuple', 'datetime', '3')})"
        if k == 17: return f"bool({self.any(d-1)})"
        if k == 18: return f"({self.bool(d-1)} if {self.bool(d-1)} else {self.any(d-1)})"
        if k == 19: return self.pick("'best' in run.tags", "len(run.tags) == 1", "run.experiment == 'baseline'", "metric.context.subset == 'train'", "metric.last > 0.3",
                                     "metric.context == {}", "run.created_at > datetime(2025, 5, 5)", "run.finalized_at is None", "run.active", "run.tags", "run")
        if k == 20: return f"((w := {self.num(d-1)}) > {self.num(0)} and w < {self.num(0)})"
        return self.path()

    def lit2(self):
        return self.pick(repr(self.pick(*INTS)), repr(self.pick(*STRS)), "1", "1.0", "True", "None", "'a'", repr(self.pick(*FLOATS)))

    def comp(self, d, element, brackets):
        """A comprehension: inside it, its own variables only."""
        outer, name = self.vars, self.pick("x", "y", "z2", "k") if self.chance(0.98) else "_"
        it, kind = self.pick((self.list(d, "num"), "num"), (self.list(d, "str"), "str"), (self.str(d), "str"), (f"range({self.r.randrange(6)})", "num"), (self.list(d), "any"))
        inner = [v for v in outer if v[1] != "top"] + [(name, kind)]
        self.vars = inner
        second = ""
        if self.chance(0.15):
            second = f" for z in {self.pick('range(3)', name, self.list(0))}"
            self.vars = inner + [("z", "any")]
        cond = f" if {self.inner(self.bool, 1)}" if self.chance(0.3) else ""
        el = self.inner(element, max(0, d - 1)) if self.chance(0.8) or brackets == "{}" else name
        if brackets == "{}" and ": " not in el: el += ": 1"
        self.vars = outer
        return f"{brackets[0]}{el} for {name} in {it}{second}{cond}{brackets[1]}"

    def inner(self, make, d):
        """What stands inside of a comprehension names run only now and then, as it cannot be seen there."""
        for _ in range(20):
            text = make(d)
            if "run" not in text and "metric" not in text or self.chance(0.05): return text
        return self.pick(*[n for n, _ in self.vars])

    def list(self, d=1, kind="any"):
        if d <= 0 or self.chance(0.2):
            v = self.var("list")
            if v: return v
            if self.chance(0.3): return {"num": "run.l", "str": "run.ls"}.get(kind) or self.pick("run.l", "run.ls", "run.mixed", "run.tags", "run.d.layers")
            el = {"num": lambda: self.num(0), "str": lambda: self.str(0)}.get(kind) or (lambda: self.any(0))
            return "[" + ", ".join(el() for _ in range(self.r.randrange(4))) + "]"
        k = self.r.randrange(16)
        el = {"num": self.num, "str": self.str}.get(kind, self.any)
        if k < 3: return "[" + ", ".join(el(d-1) for _ in range(self.r.randrange(4))) + "]"
        if k == 3: return self.pick("(" + "".join(el(d-1) + ", " for _ in range(self.r.randrange(1, 4))) + ")", "()")
        if k == 4: return f"sorted({self.list(d-1, kind)}{self.pick('', ', reverse=True', ', key=lambda v: str(v)', ', key=str, reverse=True', ', key=len', ', key=abs')})"
        if k == 5: return self.comp(d - 1, el, "[]")
        if k == 6: return f"{self.str(d-1)}.{self.pick('split', 'rsplit')}({self.pick('', self.str(0), self.str(0) + ', 1', 'None, 1', 'maxsplit=1')})"
        if k == 7: return f"{self.list(d-1, kind)}[{self.slice()}]"
        if k == 8: return f"({self.list(d-1, kind)} {self.pick('+', '+', '*')} {self.pick(self.list(d-1, kind), '2', self.list(d-1, kind))})"
        if k == 9: return f"list({self.pick(self.str(d-1), self.list(d-1), 'zip(' + self.list(d-1) + ', ' + self.list(d-1) + ')', 'range(' + str(self.r.randrange(5)) + ')', self.dict(d-1) + '.items()', self.comp(d-1, el, '()'))})"
        if k == 10: return f"range({self.r.randrange(-5, 9)}{self.pick('', ', ' + str(self.r.randrange(-5, 9)) + self.pick('', ', ' + self.pick('1', '2', '-1', '-3', '0')))}){self.pick('', '', '[1]', '[-1]', '[::2]', '[::-1]', '.index(3)')}"
        if k == 11: return f"tuple({self.list(d-1, kind)})"
        if k == 12: return f"{self.str(d-1)}.splitlines()"
        if k == 13: return f"[*{self.list(d-1, kind)}, *{self.list(0, kind)}]"
        if k == 14: return f"{self.list(d-1)}.{self.pick('index', 'count')}({self.any(0)})" if self.chance(0.5) else f"{self.list(d-1)}[{self.index(d-1)}]"
        return self.lam(d)

    def lam(self, d):
        outer = self.vars
        p, kind = self.pick("a", "v"), self.pick("num", "str")
        arg = {"num": self.num, "str": self.str}[kind](d - 1)
        self.vars = [v for v in outer] + [(p, kind)]
        body = self.inner(self.pick(self.num, self.str, self.list, self.bool), d - 1)
        self.vars = outer
        return self.pick(f"(lambda {p}: {body})({arg})", f"(lambda {p}={arg}: {body})()", f"(lambda {p}, *r, **k: ({body}, r, k))({arg}, 1, 2, q=3)",
                         f"(lambda *, {p}: {body})({p}={arg})", f"(lambda {p}, u=4, /: ({body}, u))({arg})", f"(lambda {p}: (lambda: {body})())({arg})",
                         f"[f() for f in [lambda: i for i in range(3)]]", f"(lambda f: f({arg}))(lambda {p}: {body})")

    def dict(self, d=1):
        if d <= 0 or self.chance(0.3): return self.pick("{}", "{'a': 1}", "{1: 'x', 2.0: 'y', True: 'z'}", "run.d", "run.t", "metric.context", "{'lr': 0.1}", "{(1, 2): 3}")
        k = self.r.randrange(6)
        if k == 0: return "{" + ", ".join(f"{self.pick(self.str, self.num, self.any)(0)}: {self.any(d-1)}" for _ in range(self.r.randrange(4))) + "}"
        if k == 1: return "{" + f"**{self.dict(d-1)}, 'z': {self.any(0)}" + "}"
        if k == 2: return self.comp(d - 1, lambda e: f"{self.pick(self.str, self.num)(0)}: {self.any(0)}", "{}")
        if k == 3: return f"({self.dict(d-1)} | {self.dict(d-1)})"
        if k == 4: return f"{self.dict(d-1)}{self.pick('.get(' + self.any(0) + ')', '.get(' + self.any(0) + ', 7)', '[' + self.any(0) + ']', '.values()', '.copy()')}"
        return f"{self.pick('list', 'tuple', 'sorted', 'len', 'str')}({self.dict(d-1)}{self.pick('', '.items()', '.keys()', '.values()')})"

    def set(self, d=1):
        # The order of a display of constants other than integers depends on addresses.
        nums = lambda: "{" + ", ".join(repr(self.r.randrange(-9, 40)) for _ in range(self.r.randrange(1, 6))) + "}" if self.chance(0.6) else \
            "set([" + ", ".join(self.pick(repr(self.r.randrange(-9, 40)), repr(self.pick(*FLOATS)), "True") for _ in range(self.r.randrange(1, 6))) + "])"
        if d <= 0: return self.pick(nums(), "set()", "frozenset((1, 2))")
        k = self.r.randrange(6)
        if k == 0: return nums()
        if k == 1: return f"({self.set(d-1)} {self.pick('|', '&', '-', '^', '<', '<=', '==')} {self.set(d-1)})"
        if k == 2: return f"{self.set(d-1)}.{self.pick('union', 'intersection', 'difference', 'symmetric_difference', 'issubset', 'issuperset', 'isdisjoint')}({self.pick('run.l', self.set(d-1), '[1, 2, 3]', 'range(3)')})"
        if k == 3: return f"{self.pick('set', 'frozenset')}({self.pick('run.l', 'range(' + str(self.r.randrange(9)) + ')', '[3, 1, 2, 3]')})"
        if k == 4: return f"{self.pick('sorted', 'len', 'sum', 'list', 'str')}({self.set(d-1)})" if self.chance(0.8) else f"hash(frozenset(({self.r.randrange(9)}, 7)))"
        return "{" + f"{self.r.randrange(4)} * q for q in range({self.r.randrange(40)})" + "}"

    def spec(self):
        p = self.pick
        return p("", "", "<", ">", "^", "=", "*>", "✓^", "0=", "x<") + p("", "", "+", "-", " ") + p("", "", "", "z") + p("", "", "", "#") + p("", "", "0") + \
            p("", "", "5", "12", "3", "20") + p("", "", "", ",", "_") + p("", "", ".0", ".1", ".2", ".3", ".6", ".10", ".17") + \
            p("", "", "d", "f", "e", "g", "s", "x", "b", "o", "X", "%", "G", "E", "F", "n", "c")

    def goodspec(self):
        p = self.pick
        return p(p("", "<", ">", "^", "=") + p("", "+", " ") + p("", "0") + p("", "6", "15") + p("", ",", "_") + p("", ".0", ".1", ".3", ".8") + p("f", "e", "g", "", "%"),
                 p("", "<", ">", "^", "=") + p("", "+") + p("", "#") + p("", "0") + p("", "6", "14") + p("", "_") + p("d", "x", "b", "o", "X", ""),
                 p("", "<", ">", "^", "*^") + p("", "6", "14") + p("", ".2", ".0") + p("", "s"))

    def fmt(self, d=2):
        k = self.r.randrange(9)
        v = self.pick(self.num, self.num, self.str, self.any)(max(0, d - 1))
        spec = self.goodspec() if self.chance(0.8) else self.spec()
        if k < 3 and "'" not in v and '"' not in v and "\\" not in v and "#" not in v:
            return f"f'a{{{v}{self.pick('', '!r', '!s', '!a')}:{spec}}}b'" if self.chance(0.9) else f"f'{{{v}=}}{{{v}:{{5+5}}.{{2}}f}}'"
        if k < 5:
            flags = self.pick("", "", "-", "+", " ", "0", "#", "05", "-8", "08", "+10", "# 12") + self.pick("", "", ".0", ".2", ".5", ".12")
            c = self.pick("d", "s", "r", "f", "e", "g", "x", "o", "X", "i", "E", "G", "a", "c", "%", "F", "u")
            args = self.pick(v, f"({v},)", f"({v}, {self.any(0)})", "{'k': " + v + "}")
            key = "(k)" if args.startswith("{'k'") and self.chance(0.8) else ""
            return f"('<%{key}{flags}{c}>' % {args})"
        if k == 5: return repr("%s-%5.1f|%-6s%%") + f" % ({v}, {self.num(0)}, {self.any(0)})"
        if k < 8:
            t = self.pick("{}", "{0}", "{:" + spec + "}", "{0!r:>" + "{1}}", "{k}", "{k!s:" + spec + "}", "{0[0]}", "{0.real}", "{{{}}}", "{", "}", "{} {}", "{k[a]}", "{0:{1}}", "{:%Y-%m}")
            return f"{t!r}.format({v}{self.pick('', ', 6')}{self.pick('', ', k=' + self.any(0))})"
        return f"'{{i}}{{f:{spec if chr(39) not in spec else ''}}}'.format_map({self.pick('run', 'run.d', '{' + chr(39) + 'i' + chr(39) + ': 1, ' + chr(39) + 'f' + chr(39) + ': 2.5}')})"

    def delta(self, d):
        if d <= 0 or self.chance(0.4):
            n = self.pick("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
            a = self.pick(str(self.r.randrange(-5000, 5000)), repr(self.r.randrange(-99, 99) / 8), "1e10", "0.1", "run.i", "-0.5", "1.0000005")
            return f"timedelta({n}={a}{self.pick('', ', minutes=' + str(self.r.randrange(99)))})"
        k = self.r.randrange(5)
        if k == 0: return f"({self.delta(d-1)} {self.pick('+', '-')} {self.delta(d-1)})"
        if k == 1: return f"({self.delta(d-1)} {self.pick('*', '/', '//')} {self.pick('2', '3', '-7', '0.3', '1.5', self.num(d-1))})"
        if k == 2: return f"{self.pick('-', '+', 'abs')}({self.delta(d-1)})"
        if k == 3: return f"({self.delta(d-1)} % {self.delta(d-1)})"
        return f"({self.moment(d-1)} - {self.moment(d-1)})"

    def moment(self, d):
        r = self.r
        if d <= 0 or self.chance(0.4):
            k = r.randrange(6)
            if k == 0: return self.pick("run.created_at", "run.finalized_at", "datetime.min", "datetime.max")
            if k == 1: return f"datetime.fromisoformat({self.pick('2024-02-29', '2020-01-02T03:04:05', '2020-01-02 03:04', '20200102T030405', '2020-W05-3', '2020-01-02T03:04:05.123', '2020-01-02T03:04:05+02:00', '2020-13-01', 'x', '2020-01-02T25:00', '1999-12-31T23:59:59.999999Z')!r})"
            if k == 2: return f"datetime.fromtimestamp({self.pick('0', '1.5', '1e9', str(r.randrange(-10**9, 2 * 10**9)), '1e20', repr(r.random() * 1e9))})"
            if k == 3: return f"datetime.strptime({self.pick(('2024-02-29', '%Y-%m-%d'), ('29/02/24 11:05 PM', '%d/%m/%y %I:%M %p'), ('Feb 3 2021', '%b %d %Y'), ('2021-034', '%Y-%j'), ('x', '%Y'), ('12:30:15.25', '%H:%M:%S.%f'), ('2021-01-01 +0530', '%Y-%m-%d %z'), ('March 5, 1999', '%B %d, %Y'))})".replace("((", "(").replace("))", ")")
            return f"datetime({r.randrange(1, 9999)}, {r.randrange(1, 13)}, {r.randrange(1, 31)}{self.pick('', ', ' + str(r.randrange(25)), ', 5, 6, 7, 89', ', hour=3, microsecond=123000')})"
        k = r.randrange(4)
        if k == 0: return f"({self.moment(d-1)} {self.pick('+', '-')} {self.delta(d-1)})"
        if k == 1: return f"{self.moment(d-1)}.replace({self.pick('year=2000', 'month=2', 'day=31', 'hour=5, minute=0', 'microsecond=7', '2001, 2')})"
        if k == 2: return f"{self.pick('min', 'max')}({self.moment(d-1)}, {self.moment(d-1)})"
        return f"datetime.combine({self.moment(d-1)}.date(), {self.moment(d-1)}.time())"

    def time(self, d=2):
        k = self.r.randrange(12)
        if k == 0: return self.moment(d)
        if k == 1: return self.delta(d)
        if k == 2: return f"{self.moment(d-1)}.{self.pick('year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond', 'tzinfo', 'foo')}"
        if k == 3: return f"{self.delta(d-1)}.{self.pick('days', 'seconds', 'microseconds', 'total_seconds()', 'hours')}"
        if k == 4: return f"{self.moment(d-1)}.strftime({self.pick('%Y-%m-%d %H:%M:%S', '%a %A %b %B %d %e', '%j %U %W %V %G %u %w', '%I %p %y %f', '%c|%x|%X', '%D %F %T %R %%', '%s %z %Z', 'q%Qz')!r})"
        if k == 5: return f"{self.moment(d-1)}.isoformat({self.pick('', repr(' '), 'timespec=' + repr('minutes'), repr('T') + ', ' + repr('milliseconds'), 'timespec=' + repr('hours'))})"
        if k == 6: return f"{self.moment(d-1)}.{self.pick('timestamp()', 'weekday()', 'isoweekday()', 'isocalendar()[1]', 'toordinal()', 'date()', 'time()', 'ctime()', 'date().isoformat()', 'utcoffset()', 'tzname()')}"
        if k == 7: return f"({self.moment(d-1)} {self.pick('<', '<=', '==', '!=', '>')} {self.pick(self.moment, self.delta, self.any)(d-1)})"
        if k == 8: return f"({self.delta(d-1)} {self.pick('<', '<=', '==', '!=', '>', '/', '//', '%')} {self.pick(self.delta, self.delta, self.any)(d-1)})"
        if k == 9: return f"{self.pick('str', 'repr', 'bool')}({self.pick(self.moment, self.delta)(d-1)})"
        if k == 10: return f"divmod({self.delta(d-1)}, {self.delta(d-1)})"
        return f"({self.any(d-1)} {self.pick('+', '-', '*')} {self.pick(self.moment, self.delta)(d-1)})"
