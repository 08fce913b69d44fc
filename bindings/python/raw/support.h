struct aim_py_message {
    struct aim_py_message *next;
    int32_t level;
    char *text;
};
void aim_py_log_open(int32_t level);
struct aim_py_message *aim_py_log_take(void);
void aim_py_log_free(struct aim_py_message *message);
void aim_py_log_close(void);
void aim_py_log_forked(void);

struct aim_py_loan;
struct aim_py_loan *aim_py_loan_new(void);
void aim_py_loan_free(struct aim_py_loan *loan);
void aim_py_loan_over(void *userdata);
struct aim_py_loan *aim_py_loan_take(void);
void aim_py_loans_close(void);
void aim_py_loans_forked(void);

extern "Python" int32_t aim_py_progress(uint64_t done, uint64_t total, void *userdata);

struct ArrowArrayStream *aim_py_stream_new(void);
void aim_py_stream_free(struct ArrowArrayStream *stream);
void aim_py_stream_capsule_free(void *capsule);
