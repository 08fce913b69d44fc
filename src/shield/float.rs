//! The floating-point environment: rounding, traps, and what becomes of denormal numbers.
//!
//! A host may have changed it in its threads, and new threads inherit it. The library computes in the default one: a
//! number is read, written and converted in one way, whatever the host rounds, traps or flushes. The host gets its own
//! back with the flags it had.

#[cfg(target_arch = "x86_64")]
mod imp {
    use std::arch::asm;

    const DEFAULT_SSE: u32 = 0x1f80;
    const DEFAULT_X87: u16 = 0x037f;
    /// The exceptions that the x87 unit has met.
    const FLAGS: u16 = 0x3f;

    /// What the instruction `fnstenv` stores.
    type X87 = [u32; 7];

    pub struct Environment {
        sse: u32,
        x87: Option<X87>,
        x87_flags: u16,
    }

    /// Makes the default environment that of this thread; returns the one before.
    pub fn use_default() -> Environment {
        let mut sse = 0_u32;
        let mut control = 0_u16;
        let status: u16;
        // SAFETY: the instructions store the control words into the places given, and change no register that the
        // compiler uses.
        unsafe {
            asm!("stmxcsr [{}]", in(reg) &raw mut sse, options(nostack, preserves_flags));
            asm!("fnstcw [{}]", in(reg) &raw mut control, options(nostack, preserves_flags));
            asm!("fnstsw ax", out("ax") status, options(nostack, preserves_flags));
            load_sse(DEFAULT_SSE);
        }
        let x87 = (control != DEFAULT_X87).then(|| {
            let mut environment: X87 = [0; 7];
            // SAFETY: the first instruction stores 28 bytes and masks all exceptions, so that the second raises none.
            unsafe {
                asm!("fnstenv [{}]", in(reg) &raw mut environment, options(nostack, preserves_flags));
                asm!("fldcw [{}]", in(reg) &DEFAULT_X87, options(nostack, preserves_flags));
            }
            environment
        });
        Environment {
            sse,
            x87,
            x87_flags: status & FLAGS,
        }
    }

    /// Makes an environment that [`use_default`] returned that of this thread again.
    pub fn restore(environment: &Environment) {
        // SAFETY: the values were stored by the corresponding instructions.
        unsafe {
            match &environment.x87 {
                Some(x87) => {
                    asm!("fldenv [{}]", in(reg) x87, options(nostack, preserves_flags));
                }
                None => {
                    let status: u16;
                    asm!("fnstsw ax", out("ax") status, options(nostack, preserves_flags));
                    if environment.x87_flags == 0 && status & FLAGS != 0 {
                        asm!("fnclex", options(nostack, preserves_flags));
                    }
                }
            }
            load_sse(environment.sse);
        }
    }

    /// # Safety
    /// The value is one that the register takes.
    unsafe fn load_sse(value: u32) {
        // SAFETY: promised by the caller. It may change memory as far as the compiler knows: nothing is moved across.
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, preserves_flags))
        };
    }
}

#[cfg(target_arch = "aarch64")]
mod imp {
    use std::arch::asm;

    pub struct Environment {
        control: u64,
        status: u64,
    }

    /// Makes the default environment that of this thread; returns the one before.
    pub fn use_default() -> Environment {
        let (control, status): (u64, u64);
        // SAFETY: user space may read and write both registers.
        unsafe {
            asm!("mrs {}, fpcr", out(reg) control, options(nostack));
            asm!("mrs {}, fpsr", out(reg) status, options(nostack));
            if control != 0 {
                asm!("msr fpcr, {}", in(reg) 0_u64, options(nostack));
            }
        }
        Environment { control, status }
    }

    /// Makes an environment that [`use_default`] returned that of this thread again.
    pub fn restore(environment: &Environment) {
        // SAFETY: as above.
        unsafe {
            if environment.control != 0 {
                asm!("msr fpcr, {}", in(reg) environment.control, options(nostack));
            }
            asm!("msr fpsr, {}", in(reg) environment.status, options(nostack));
        }
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the floating-point environment of this processor: see `use_default` of the others");

pub use imp::{Environment, restore, use_default};
