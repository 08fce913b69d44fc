/*
 * libaim_nvtx.so: tracks the ranges and marks of NVTX, by which programs say to NVIDIA's profilers what they do. No GPU and no
 * profiler is needed.
 *
 *     cc -std=gnu11 -O2 -shared -fPIC nvtx.c -o libaim_nvtx.so -laim -pthread
 *     NVTX_INJECTION64_PATH=$PWD/libaim_nvtx.so ./program
 *
 * It tracks seconds and calls of each range, and how often each mark was met, with the range's name and domain as context.
 */
#define _GNU_SOURCE
#include "spans.h"

#include <stddef.h>
#include <wchar.h>

enum { STARTED = 1024, DEPTH = 64, TEXT = 1024 };

/* ---- The interface of NVTX 3 for tools, as far as it is used here ---- */

enum { CALLBACKS = 1 };                /* table of a tool */
enum { CORE = 1, CORE2 = 5 };          /* modules */
enum { ASCII = 1, WIDE = 2, KNOWN = 3 }; /* types of messages */
enum { /* of CORE */
    MARK_EX = 1,
    MARK_A,
    MARK_W,
    START_EX,
    START_A,
    START_W,
    END,
    PUSH_EX,
    PUSH_A,
    PUSH_W,
    POP,
};
enum { /* of CORE2 */
    D_MARK_EX = 1,
    D_START_EX,
    D_END,
    D_PUSH_EX,
    D_POP,
    D_REGISTER_A = 10,
    D_REGISTER_W,
    D_CREATE_A,
    D_CREATE_W,
};

typedef void (*function)(void);

struct callbacks {
    size_t size;
    int (*functions)(int module, function ***table, unsigned *count);
};

struct attributes {
    uint16_t version, size;
    uint32_t category;
    int32_t color_type;
    uint32_t color;
    int32_t payload_type, reserved;
    uint64_t payload;
    int32_t message_type;
    const void *message;
};

/* ---- Names ---- */

/* Wide characters as UTF-8; what does not fit is cut. */
static const char *utf8(const wchar_t *text, char *into)
{
    size_t n = 0;
    for (; text && *text && n + 4 < TEXT; text++) {
        const uint32_t c = (uint32_t)*text;
        if (c < 0x80) into[n++] = (char)c;
        else if (c < 0x800) into[n++] = (char)(0xC0 | c >> 6), into[n++] = (char)(0x80 | (c & 63));
        else if (c < 0x10000)
            into[n++] = (char)(0xE0 | c >> 12), into[n++] = (char)(0x80 | (c >> 6 & 63)), into[n++] = (char)(0x80 | (c & 63));
        else
            into[n++] = (char)(0xF0 | (c >> 18 & 7)), into[n++] = (char)(0x80 | (c >> 12 & 63)),
            into[n++] = (char)(0x80 | (c >> 6 & 63)), into[n++] = (char)(0x80 | (c & 63));
    }
    into[n] = 0;
    return into;
}

/* The message of an event, which may be in `space`. */
static const char *message_of(const struct attributes *event, char *space)
{
    const size_t least = offsetof(struct attributes, message) + sizeof event->message;
    if (!event || event->size < least || !event->message) return "";
    if (event->message_type == WIDE) return utf8(event->message, space);
    return event->message_type == ASCII || event->message_type == KNOWN ? event->message : "";
}

/* Registered strings and domains are handles to copies, which stay: one for each text. */
static const char *kept(const char *text)
{
    if (!text) return NULL;
    static struct text {
        struct text *next;
        char text[];
    } *texts;
    pthread_mutex_lock(&mutex);
    struct text *found = texts;
    while (found && strcmp(found->text, text) != 0) found = found->next;
    if (!found && (found = malloc(sizeof *found + strlen(text) + 1))) {
        strcpy(found->text, text);
        found->next = texts, texts = found;
    }
    pthread_mutex_unlock(&mutex);
    return found ? found->text : NULL;
}

static const char *kept_wide(const wchar_t *text)
{
    char space[TEXT];
    return kept(utf8(text, space));
}

/* ---- Ranges: of a thread within each other, and started and ended anywhere ---- */

struct pushed {
    struct span span;
    const char *domain;
};

static __thread struct pushed stack[DEPTH];
static __thread int depth; /* more than DEPTH: what is deeper is not measured */
static struct span started[STARTED];
static uint64_t generation[STARTED];

static struct entry *range_of(const char *domain, const char *name)
{
    return run ? entry_of("range", "range", name, "domain", domain) : NULL;
}

static void mark(const char *domain, const char *name)
{
    if (!name) return;
    pthread_mutex_lock(&mutex);
    struct entry *const entry = run ? entry_of("mark", "mark", name, "domain", domain) : NULL;
    if (entry) count(entry, now(), 0);
    pthread_mutex_unlock(&mutex);
}

static int push(const char *domain, const char *name)
{
    if (!name) name = "";
    int level = 0;
    for (int i = 0; i < depth && i < DEPTH; i++) level += stack[i].domain == domain;
    if (depth < DEPTH) {
        pthread_mutex_lock(&mutex);
        struct entry *const entry = range_of(domain, name);
        pthread_mutex_unlock(&mutex);
        stack[depth] = (struct pushed){{entry, now()}, domain};
    }
    depth++;
    return level;
}

static int pop(const char *domain)
{
    if (depth > DEPTH) {
        depth--;
        return DEPTH;
    }
    int at = depth - 1, level = -1;
    while (at >= 0 && stack[at].domain != domain) at--;
    if (at < 0) return -2; /* as NVTX says that nothing was pushed */
    struct span span = stack[at].span;
    memmove(&stack[at], &stack[at + 1], (size_t)(--depth - at) * sizeof *stack);
    for (int i = 0; i < at; i++) level += stack[i].domain == domain;
    pthread_mutex_lock(&mutex);
    if (span.entry) finish(&span);
    pthread_mutex_unlock(&mutex);
    return level + 1;
}

/* An id is the place and how often that was used, so that one that is ended twice is not another one. */
static uint64_t start(const char *domain, const char *name)
{
    if (!name) name = "";
    uint64_t id = 0;
    pthread_mutex_lock(&mutex);
    struct entry *const entry = range_of(domain, name);
    for (uint64_t i = 0; entry && i < STARTED && !id; i++)
        if (!started[i].entry) {
            started[i] = (struct span){entry, now()};
            id = ++generation[i] * STARTED + i;
        }
    pthread_mutex_unlock(&mutex);
    return id;
}

static void end(uint64_t id)
{
    pthread_mutex_lock(&mutex);
    if (id && id / STARTED == generation[id % STARTED] && started[id % STARTED].entry) finish(&started[id % STARTED]);
    pthread_mutex_unlock(&mutex);
}

/* ---- What NVTX calls ---- */

#define MESSAGE(type, text)                                                  \
    char space[TEXT];                                                        \
    const char *const name = text
static void mark_ex(const struct attributes *event) { MESSAGE(event, message_of(event, space)); mark(NULL, name); }
static void mark_a(const char *text) { mark(NULL, text); }
static void mark_w(const wchar_t *text) { MESSAGE(text, utf8(text, space)); mark(NULL, name); }
static uint64_t start_ex(const struct attributes *event) { MESSAGE(event, message_of(event, space)); return start(NULL, name); }
static uint64_t start_a(const char *text) { return start(NULL, text); }
static uint64_t start_w(const wchar_t *text) { MESSAGE(text, utf8(text, space)); return start(NULL, name); }
static int push_ex(const struct attributes *event) { MESSAGE(event, message_of(event, space)); return push(NULL, name); }
static int push_a(const char *text) { return push(NULL, text); }
static int push_w(const wchar_t *text) { MESSAGE(text, utf8(text, space)); return push(NULL, name); }
static int pop_any(void) { return pop(NULL); }
static void domain_mark(const char *domain, const struct attributes *event)
{
    MESSAGE(event, message_of(event, space));
    mark(domain, name);
}
static uint64_t domain_start(const char *domain, const struct attributes *event)
{
    MESSAGE(event, message_of(event, space));
    return start(domain, name);
}
static void domain_end(const char *domain, uint64_t id) { (void)domain, end(id); }
static int domain_push(const char *domain, const struct attributes *event)
{
    MESSAGE(event, message_of(event, space));
    return push(domain, name);
}
static const char *register_a(const char *domain, const char *text) { return (void)domain, kept(text); }
static const char *register_w(const char *domain, const wchar_t *text) { return (void)domain, kept_wide(text); }

static void put(const struct callbacks *callbacks, int module, unsigned id, function instead)
{
    function **functions = NULL;
    unsigned count = 0;
    if (callbacks->functions(module, &functions, &count) && id < count && functions[id]) *functions[id] = instead;
}

__attribute__((visibility("default"))) int InitializeInjectionNvtx2(const void *(*tables)(uint32_t id));
int InitializeInjectionNvtx2(const void *(*tables)(uint32_t id))
{
    const struct callbacks *const callbacks = tables(CALLBACKS);
    if (!callbacks || callbacks->size < sizeof *callbacks) return 0;
    /* A program may hold several copies of NVTX, of which each comes here. */
    static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
    static int opened;
    pthread_mutex_lock(&opening);
    if (!opened) {
        opened = 1;
        spans_open("libaim_nvtx", "AIM_NVTX_INTERVAL");
        atexit(spans_end); /* before the library's own end, which was noted earlier */
    }
    pthread_mutex_unlock(&opening);
    static const struct {
        int module;
        unsigned id;
        function instead;
    } ours[] = {
        {CORE, MARK_EX, (function)mark_ex},         {CORE, MARK_A, (function)mark_a},
        {CORE, MARK_W, (function)mark_w},           {CORE, START_EX, (function)start_ex},
        {CORE, START_A, (function)start_a},         {CORE, START_W, (function)start_w},
        {CORE, END, (function)end},                 {CORE, PUSH_EX, (function)push_ex},
        {CORE, PUSH_A, (function)push_a},           {CORE, PUSH_W, (function)push_w},
        {CORE, POP, (function)pop_any},             {CORE2, D_MARK_EX, (function)domain_mark},
        {CORE2, D_START_EX, (function)domain_start}, {CORE2, D_END, (function)domain_end},
        {CORE2, D_PUSH_EX, (function)domain_push},  {CORE2, D_POP, (function)pop},
        {CORE2, D_REGISTER_A, (function)register_a}, {CORE2, D_REGISTER_W, (function)register_w},
        {CORE2, D_CREATE_A, (function)kept},        {CORE2, D_CREATE_W, (function)kept_wide},
    };
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) put(callbacks, ours[i].module, ours[i].id, ours[i].instead);
    return 1;
}
