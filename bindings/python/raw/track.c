/* Tracking without a detour over the interpreter: what a call of `track` does when its arguments are plain numbers and its
 * metric was met before. Everything else, errors too, goes to the method `_track` of the Python class. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <aim.h>
#include <stdbool.h>
#include <stdint.h>

/* The value is the same in every version; older headers do not show it to users of the stable ABI. */
#ifndef METH_FASTCALL
#define METH_FASTCALL 0x0080
#endif
typedef PyObject *(*fast_method)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);

enum { SLOTS = 512 };

/* A metric that was met: its name, its context (NULL: none), and the handle with the object that owns it. */
struct entry {
    PyObject *name, *context, *owner;
    const aim_metric *metric;
};

struct run {
    PyObject_HEAD
    struct entry *table; /* SLOTS of them, made with the first */
};

struct metric {
    PyObject_HEAD
    PyObject *owner;
    const aim_metric *metric;
};

/* The names of the arguments, and as the interpreter's own texts, which calls bring along. */
static const char *const run_names[] = {"value", "name", "step", "epoch", "context"};
static const char *const metric_names[] = {"value", "step", "epoch"};
static PyObject *own_run_names[5], *own_metric_names[3];

/* Takes a call's arguments apart by name; those not given are NULL. False with an exception. */
static bool arguments(const char *const names[], PyObject *const own[], int count, int positional, PyObject *const *given, Py_ssize_t n,
                      PyObject *keywords, PyObject **found)
{
    if (n > positional) {
        PyErr_Format(PyExc_TypeError, "track() takes up to %d positional arguments (%zd given)", positional, n);
        return false;
    }
    for (int i = 0; i < count; i++) found[i] = i < n ? given[i] : NULL;
    Py_ssize_t named = keywords == NULL ? 0 : PyTuple_Size(keywords);
    for (Py_ssize_t k = 0; k < named; k++) {
        PyObject *keyword = PyTuple_GetItem(keywords, k);
        int i = 0;
        while (i < count && keyword != own[i]) i++;
        if (i == count)
            for (i = 0; i < count && PyUnicode_CompareWithASCIIString(keyword, names[i]) != 0;) i++;
        if (i == count || found[i] != NULL) {
            PyErr_Format(PyExc_TypeError, "track() got %s argument '%U'",
                         i == count ? "an unexpected keyword" : "multiple values for", keyword);
            return false;
        }
        found[i] = given[n + k];
    }
    return true;
}

/* Plain numbers only: false, without an exception, for what Python code is to look at. */
static bool as_double(PyObject *value, double *out)
{
    if (PyFloat_Check(value)) {
        *out = PyFloat_AsDouble(value);
        return true;
    }
    if (!PyLong_CheckExact(value)) return false;
    *out = PyLong_AsDouble(value);
    if (*out != -1.0 || !PyErr_Occurred()) return true;
    PyErr_Clear();
    return false;
}

static bool as_position(PyObject *value, int64_t none, int64_t *out)
{
    *out = none;
    if (value == NULL || value == Py_None) return true;
    if (!PyLong_CheckExact(value)) return false;
    int overflow;
    *out = PyLong_AsLongLongAndOverflow(value, &overflow);
    return overflow == 0;
}

static bool track(const aim_metric *metric, double value, int64_t step, int64_t epoch)
{
    aim_status status;
    Py_BEGIN_ALLOW_THREADS
    status = aim_metric_track(metric, value, step, epoch);
    Py_END_ALLOW_THREADS
    return status == AIM_OK;
}

/* Calls a method with positional arguments; NULLs are None. */
static PyObject *call_slowly(PyObject *self, PyObject **found, int count)
{
    PyObject *method = PyObject_GetAttrString(self, "_track");
    PyObject *all = PyTuple_New(count), *result = NULL;
    if (method != NULL && all != NULL) {
        for (int i = 0; i < count; i++) {
            PyObject *argument = found[i] == NULL ? Py_None : found[i];
            Py_INCREF(argument);
            PyTuple_SetItem(all, i, argument);
        }
        result = PyObject_Call(method, all, NULL);
    }
    Py_XDECREF(method);
    Py_XDECREF(all);
    return result;
}

/* Types whose values are told apart by comparing them, without running anybody's code. */
static bool is_plain(PyObject *value)
{
    return value == Py_None || PyUnicode_CheckExact(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
           PyBool_Check(value);
}

/* Equal for equal names and contexts, whatever their order. False for contexts of more than plain values. */
static bool fingerprint(PyObject *name, PyObject *context, size_t *out)
{
    size_t sum = (size_t)PyObject_Hash(name);
    if (context != NULL) {
        PyObject *key, *value;
        Py_ssize_t at = 0;
        while (PyDict_Next(context, &at, &key, &value)) {
            if (!PyUnicode_CheckExact(key) || !is_plain(value)) return false;
            size_t one = (size_t)PyObject_Hash(key) * 31 + (size_t)PyObject_Hash(value) + (size_t)(uintptr_t)Py_TYPE(value);
            sum += (one ^ one >> 29) * 0x9E3779B97F4A7C15u;
        }
    }
    *out = sum ^ sum >> 32;
    return true;
}

static bool same_context(PyObject *mine, PyObject *context)
{
    if (mine == NULL || context == NULL) return mine == context;
    if (PyDict_Size(mine) != PyDict_Size(context)) return false;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(context, &at, &key, &value)) {
        PyObject *other = PyDict_GetItemWithError(mine, key);
        if (other == NULL || Py_TYPE(other) != Py_TYPE(value)) return false;
        if (other != value && PyObject_RichCompareBool(other, value, Py_EQ) != 1) return false;
    }
    return true;
}

static bool is_entry(const struct entry *entry, PyObject *name, PyObject *context)
{
    return entry->metric != NULL && (entry->name == name || PyUnicode_Compare(entry->name, name) == 0) &&
           same_context(entry->context, context);
}

static void empty(struct entry *entry)
{
    struct entry old = *entry;
    *entry = (struct entry){NULL, NULL, NULL, NULL};
    Py_XDECREF(old.name);
    Py_XDECREF(old.context);
    Py_XDECREF(old.owner);
}

/* Name and context as the table has them. False where it has none such. */
static bool is_known_kind(PyObject *name, PyObject **context)
{
    if (name == NULL || !PyUnicode_CheckExact(name)) return false;
    if (*context == NULL || *context == Py_None) *context = NULL;
    else if (!PyDict_CheckExact(*context)) return false;
    else if (PyDict_Size(*context) == 0) *context = NULL;
    return true;
}

static PyObject *run_track(PyObject *self, PyObject *const *given, Py_ssize_t n, PyObject *keywords)
{
    PyObject *found[5];
    if (!arguments(run_names, own_run_names, 5, 4, given, n, keywords, found)) return NULL;
    if (found[0] == NULL) {
        PyErr_SetString(PyExc_TypeError, "track() misses the argument 'value'");
        return NULL;
    }
    struct run *run = (struct run *)self;
    PyObject *context = found[4];
    double value;
    int64_t step, epoch;
    size_t sum;
    if (run->table == NULL || !is_known_kind(found[1], &context) || !as_double(found[0], &value) ||
        !as_position(found[2], AIM_STEP_AUTO, &step) || !as_position(found[3], AIM_EPOCH_NONE, &epoch) ||
        !fingerprint(found[1], context, &sum))
        return call_slowly(self, found, 5);
    struct entry *entry = &run->table[sum % SLOTS];
    if (!is_entry(entry, found[1], context)) entry = &run->table[(sum ^ 1) % SLOTS];
    if (!is_entry(entry, found[1], context)) return call_slowly(self, found, 5);
    /* Others may take the place while this thread tracks. */
    PyObject *owner = entry->owner;
    Py_INCREF(owner);
    bool tracked = track(entry->metric, value, step, epoch);
    Py_DECREF(owner);
    if (!tracked) return call_slowly(self, found, 5);
    Py_RETURN_NONE;
}

/* _met(name, context, owner, address): the metric is known from now on. */
static PyObject *run_met(PyObject *self, PyObject *given)
{
    PyObject *name, *context, *owner;
    unsigned long long address;
    size_t sum;
    struct run *run = (struct run *)self;
    if (!PyArg_ParseTuple(given, "OOOK", &name, &context, &owner, &address)) return NULL;
    if (!is_known_kind(name, &context) || !fingerprint(name, context, &sum)) Py_RETURN_NONE;
    if (run->table == NULL) {
        run->table = PyMem_Calloc(SLOTS, sizeof *run->table);
        if (run->table == NULL) return PyErr_NoMemory();
    }
    struct entry new = {name, NULL, owner, (const aim_metric *)(uintptr_t)address};
    if (context != NULL && (new.context = PyDict_Copy(context)) == NULL) return NULL;
    Py_INCREF(name);
    Py_INCREF(owner);
    struct entry *entry = &run->table[sum % SLOTS];
    if (entry->metric != NULL) entry = &run->table[(sum ^ 1) % SLOTS];
    struct entry old = *entry;
    *entry = new;
    empty(&old);
    Py_RETURN_NONE;
}

static void give_back(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static void run_free(PyObject *self)
{
    struct run *run = (struct run *)self;
    for (int i = 0; run->table != NULL && i < SLOTS; i++) empty(&run->table[i]);
    PyMem_Free(run->table);
    give_back(self);
}

static PyObject *metric_track(PyObject *self, PyObject *const *given, Py_ssize_t n, PyObject *keywords)
{
    PyObject *found[3];
    if (!arguments(metric_names, own_metric_names, 3, 3, given, n, keywords, found)) return NULL;
    if (found[0] == NULL) {
        PyErr_SetString(PyExc_TypeError, "track() misses the argument 'value'");
        return NULL;
    }
    struct metric *metric = (struct metric *)self;
    double value;
    int64_t step, epoch;
    if (metric->metric == NULL || !as_double(found[0], &value) || !as_position(found[1], AIM_STEP_AUTO, &step) ||
        !as_position(found[2], AIM_EPOCH_NONE, &epoch) || !track(metric->metric, value, step, epoch))
        return call_slowly(self, found, 3);
    Py_RETURN_NONE;
}

/* _bind(owner, address): what is tracked goes to this metric. */
static PyObject *metric_bind(PyObject *self, PyObject *given)
{
    PyObject *owner;
    unsigned long long address;
    struct metric *metric = (struct metric *)self;
    if (!PyArg_ParseTuple(given, "OK", &owner, &address)) return NULL;
    PyObject *old = metric->owner;
    Py_INCREF(owner);
    metric->owner = owner;
    metric->metric = (const aim_metric *)(uintptr_t)address;
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static void metric_free(PyObject *self)
{
    Py_XDECREF(((struct metric *)self)->owner);
    give_back(self);
}

static PyMethodDef run_methods[] = {
    {"track", (PyCFunction)(void (*)(void))(fast_method)run_track, METH_FASTCALL | METH_KEYWORDS,
     "track($self, value, name=None, step=None, epoch=None, *, context=None)\n--\n\n"
     "Tracks a value, or a dictionary of values by name.\n\n"
     "value    any real number, or what converts to one, such as a tensor of one element.\n"
     "name     name of the metric.\n"
     "step     a whole number. None: the step after the sequence's last. A step tracked again replaces its point.\n"
     "epoch    a whole number. None: none.\n"
     "context  a dictionary that tells metrics of one name apart.\n\n"
     "When the call returns, the value survives the death of the process."},
    {"_met", run_met, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef metric_methods[] = {
    {"track", (PyCFunction)(void (*)(void))(fast_method)metric_track, METH_FASTCALL | METH_KEYWORDS,
     "track($self, value, step=None, epoch=None)\n--\n\n"
     "Tracks one value: any real number, or what converts to one, such as a tensor of one element. Without `step`,\n"
     "the step after the sequence's last."},
    {"_bind", metric_bind, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot run_slots[] = {
    {Py_tp_dealloc, run_free},
    {Py_tp_methods, run_methods},
    {Py_tp_doc, "What `Run.track` does in the ordinary case."},
    {0, NULL},
};
static PyType_Slot metric_slots[] = {
    {Py_tp_dealloc, metric_free},
    {Py_tp_methods, metric_methods},
    {Py_tp_doc, "What `MetricTracker.track` does in the ordinary case."},
    {0, NULL},
};
static PyType_Spec run_spec = {"libaim._track.RunTracking", sizeof(struct run), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, run_slots};
static PyType_Spec metric_spec = {"libaim._track.MetricTracking", sizeof(struct metric), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, metric_slots};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "libaim._track", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__track(void)
{
    PyObject *self = PyModule_Create(&module);
    if (self == NULL) return NULL;
    for (int i = 0; i < 5; i++) own_run_names[i] = PyUnicode_InternFromString(run_names[i]);
    for (int i = 0; i < 3; i++) own_metric_names[i] = PyUnicode_InternFromString(metric_names[i]);
    PyObject *run = PyType_FromSpec(&run_spec), *metric = PyType_FromSpec(&metric_spec);
    if (run == NULL || metric == NULL || PyModule_AddObject(self, "RunTracking", run) < 0 ||
        PyModule_AddObject(self, "MetricTracking", metric) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}
