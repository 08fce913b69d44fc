/* C that Python cannot do itself: mailboxes for the library's messages and for what is not lent any more, and capsules around
 * Arrow streams. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The library's threads leave their messages here and go on; a thread of Python's fetches them. So no thread of the
 * library ever waits for the interpreter, and none is inside it when it shuts down. */
struct aim_py_message {
    struct aim_py_message *next;
    int32_t level;
    char *text;
};

static pthread_mutex_t mailbox = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t mailbox_changed = PTHREAD_COND_INITIALIZER;
static struct aim_py_message *first_message, *last_message;
static bool mailbox_open;

static void aim_py_log_free(struct aim_py_message *message)
{
    free(message->text);
    free(message);
}

static void receive_message(int32_t level, const char *text, void *userdata)
{
    (void)userdata;
    struct aim_py_message *message = malloc(sizeof *message);
    if (message == NULL) return;
    message->next = NULL;
    message->level = level;
    message->text = strdup(text);
    if (message->text == NULL) {
        free(message);
        return;
    }
    pthread_mutex_lock(&mailbox);
    if (mailbox_open) {
        if (last_message != NULL) last_message->next = message;
        else first_message = message;
        last_message = message;
        message = NULL;
        pthread_cond_signal(&mailbox_changed);
    }
    pthread_mutex_unlock(&mailbox);
    if (message != NULL) aim_py_log_free(message);
}

static void aim_py_log_open(int32_t level)
{
    pthread_mutex_lock(&mailbox);
    mailbox_open = true;
    pthread_mutex_unlock(&mailbox);
    aim_set_log_callback(level, receive_message, NULL);
}

/* Waits for a message, which the caller frees; NULL once the mailbox is closed and empty. */
static struct aim_py_message *aim_py_log_take(void)
{
    pthread_mutex_lock(&mailbox);
    while (first_message == NULL && mailbox_open) pthread_cond_wait(&mailbox_changed, &mailbox);
    struct aim_py_message *message = first_message;
    if (message != NULL) first_message = message->next;
    if (first_message == NULL) last_message = NULL;
    pthread_mutex_unlock(&mailbox);
    return message;
}

static void aim_py_log_close(void)
{
    aim_set_log_callback(AIM_LOG_ERROR, NULL, NULL);
    pthread_mutex_lock(&mailbox);
    mailbox_open = false;
    pthread_cond_broadcast(&mailbox_changed);
    pthread_mutex_unlock(&mailbox);
}

/* In a forked child: a thread of the parent may have held the lock, and the one that fetched is not there. */
static void aim_py_log_forked(void)
{
    pthread_mutex_init(&mailbox, NULL);
    pthread_cond_init(&mailbox_changed, NULL);
    first_message = last_message = NULL;
}

/* What is lent, from the beginning on, so that nothing can fail at the end of the loan. */
struct aim_py_loan {
    struct aim_py_loan *next;
};

static struct aim_py_loan *first_over, *last_over;
static pthread_mutex_t loans = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t loans_changed = PTHREAD_COND_INITIALIZER;
static bool loans_open = true;

static struct aim_py_loan *aim_py_loan_new(void) { return calloc(1, sizeof(struct aim_py_loan)); }
static void aim_py_loan_free(struct aim_py_loan *loan) { free(loan); }

static void aim_py_loan_over(void *userdata)
{
    struct aim_py_loan *loan = userdata;
    pthread_mutex_lock(&loans);
    if (last_over != NULL) last_over->next = loan;
    else first_over = loan;
    last_over = loan;
    pthread_cond_signal(&loans_changed);
    pthread_mutex_unlock(&loans);
}

/* Waits for the end of a loan, which the caller frees; NULL once no more are waited for, and none is left. */
static struct aim_py_loan *aim_py_loan_take(void)
{
    pthread_mutex_lock(&loans);
    while (first_over == NULL && loans_open) pthread_cond_wait(&loans_changed, &loans);
    struct aim_py_loan *loan = first_over;
    if (loan != NULL) first_over = loan->next;
    if (first_over == NULL) last_over = NULL;
    pthread_mutex_unlock(&loans);
    return loan;
}

static void aim_py_loans_close(void)
{
    pthread_mutex_lock(&loans);
    loans_open = false;
    pthread_cond_broadcast(&loans_changed);
    pthread_mutex_unlock(&loans);
}

/* In a forked child, which has none of the parent's loans. */
static void aim_py_loans_forked(void)
{
    pthread_mutex_init(&loans, NULL);
    pthread_cond_init(&loans_changed, NULL);
    first_over = last_over = NULL;
    loans_open = true;
}

/* As the Arrow specification lays it out. */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, void *schema);
    int (*get_next)(struct ArrowArrayStream *, void *array);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

static struct ArrowArrayStream *aim_py_stream_new(void)
{
    return calloc(1, sizeof(struct ArrowArrayStream));
}

static void aim_py_stream_free(struct ArrowArrayStream *stream)
{
    if (stream != NULL && stream->release != NULL) stream->release(stream);
    free(stream);
}

/* Destructor of a capsule "arrow_array_stream". A consumer that took the stream has set its `release` to NULL. */
static void aim_py_stream_capsule_free(void *capsule)
{
    aim_py_stream_free(PyCapsule_GetPointer(capsule, "arrow_array_stream"));
}
