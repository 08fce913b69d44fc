/* What LMDB takes for its process id, see number.rs.
 *
 * In C since every Rust function with a C name is exported from the shared library. */
#undef getpid /* in C code it means `aim_store_number`: .cargo/config.toml */
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

static __thread int chosen;

HIDDEN void aim_store_choose_number(int number);
HIDDEN int aim_store_number(void);

void aim_store_choose_number(int number) { chosen = number; }

int aim_store_number(void) { return chosen ? chosen : getpid(); }
