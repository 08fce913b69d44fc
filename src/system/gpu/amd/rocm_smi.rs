//! ROCm SMI (`librocm_smi64.so`), loaded at run time. Only functions whose types are the same in all its versions are
//! used; one that a version lacks is a value left out.

use libloading::Library;
use std::ffi::{CStr, c_char, c_int};

/// From the newest; the last one comes with the development files.
const LIBRARIES: [&str; 5] = [
    "librocm_smi64.so.7",
    "librocm_smi64.so.6",
    "librocm_smi64.so.5",
    "librocm_smi64.so.1",
    "librocm_smi64.so",
];

const SUCCESS: c_int = 0;
const VIDEO_MEMORY: c_int = 0;
/// The sensor at the edge of the chip; some have only that at its junction.
const SENSORS: [u32; 2] = [0, 1];
const CURRENT: c_int = 0;
/// The partition of a GPU, which is no part of its place on the bus.
const PARTITION: u64 = 0xf << 28;

type Get<T> = unsafe extern "C" fn(device: u32, value: *mut T) -> c_int;
/// With a kind of memory, or the number of a sensor.
type GetOf<K> = unsafe extern "C" fn(device: u32, kind: K, value: *mut u64) -> c_int;

/// `rsmi_process_info_t` with room for what later versions may add.
#[repr(C)]
#[derive(Default)]
struct ProcessInfo {
    process_id: u32,
    pasid: u32,
    vram_usage: u64,
    rest: [u64; 30],
}

pub struct RocmSmi {
    shut_down: unsafe extern "C" fn() -> c_int,
    pci_id: Option<Get<u64>>,
    unique_id: Option<Get<u64>>,
    name: Option<unsafe extern "C" fn(u32, *mut c_char, usize) -> c_int>,
    busy: Option<Get<u32>>,
    memory_used: Option<GetOf<c_int>>,
    memory_total: Option<GetOf<c_int>>,
    temperature: Option<unsafe extern "C" fn(u32, u32, c_int, *mut i64) -> c_int>,
    average_power: Option<GetOf<u32>>,
    power: Option<Get<u64>>,
    process: Option<unsafe extern "C" fn(u32, u32, *mut ProcessInfo) -> c_int>,
    count: u32,
    /// Last, so that the functions go before it.
    _library: Library,
}

/// The value that a function writes, if it says that it did.
fn written<T: Default>(call: impl FnOnce(*mut T) -> c_int) -> Option<T> {
    let mut value = T::default();
    (call(&mut value) == SUCCESS).then_some(value)
}

impl RocmSmi {
    /// None where the library is not, or finds no GPU.
    pub fn load() -> Option<RocmSmi> {
        // SAFETY: the library's initialisers do what those of any program that is linked with it do.
        let open = |name| unsafe { Library::new(name) }.ok();
        let library = LIBRARIES.into_iter().find_map(open)?;
        macro_rules! function {
            ($name:literal) => {
                // SAFETY: the type is that of the function's declaration in rocm_smi.h. It is called only while the
                // library is loaded, as the two stand in one struct.
                unsafe { library.get($name) }.ok().map(|f: libloading::Symbol<'_, _>| *f)
            };
        }
        let init: unsafe extern "C" fn(u64) -> c_int = function!(b"rsmi_init\0")?;
        let shut_down = function!(b"rsmi_shut_down\0")?;
        let count: unsafe extern "C" fn(*mut u32) -> c_int =
            function!(b"rsmi_num_monitor_devices\0")?;
        // SAFETY: zero asks for AMD's GPUs only. Calls are counted, so that another user in this process keeps its own.
        if unsafe { init(0) } != SUCCESS {
            return None;
        }
        let smi = RocmSmi {
            shut_down,
            pci_id: function!(b"rsmi_dev_pci_id_get\0"),
            unique_id: function!(b"rsmi_dev_unique_id_get\0"),
            name: function!(b"rsmi_dev_name_get\0"),
            busy: function!(b"rsmi_dev_busy_percent_get\0"),
            memory_used: function!(b"rsmi_dev_memory_usage_get\0"),
            memory_total: function!(b"rsmi_dev_memory_total_get\0"),
            temperature: function!(b"rsmi_dev_temp_metric_get\0"),
            average_power: function!(b"rsmi_dev_power_ave_get\0"),
            power: function!(b"rsmi_dev_current_socket_power_get\0"),
            process: function!(b"rsmi_compute_process_info_by_device_get\0"),
            // SAFETY: the library is initialised and the number writable.
            count: written(|n| unsafe { count(n) }).unwrap_or(0),
            _library: library,
        };
        (smi.count > 0).then_some(smi)
    }

    pub fn devices(&self) -> std::ops::Range<u32> {
        0..self.count
    }

    fn get<T: Default>(&self, function: Option<Get<T>>, device: u32) -> Option<T> {
        let function = function?;
        // SAFETY: the library is initialised and the value writable.
        written(|value| unsafe { function(device, value) })
    }

    fn get_of<K>(&self, function: Option<GetOf<K>>, device: u32, kind: K) -> Option<u64> {
        let function = function?;
        // SAFETY: the library is initialised and the value writable.
        written(|value| unsafe { function(device, kind, value) })
    }

    /// Domain in the upper half; bus, device and function in 8, 5 and 3 bits.
    pub fn pci_id(&self, device: u32) -> Option<u64> {
        Some(self.get(self.pci_id, device)? & !PARTITION)
    }

    pub fn unique_id(&self, device: u32) -> Option<u64> {
        self.get(self.unique_id, device)
    }

    pub fn name(&self, device: u32) -> Option<String> {
        let function = self.name?;
        let mut text = [0u8; 256];
        // SAFETY: the text is as long as is said, and its last byte stays zero.
        let done = unsafe { function(device, text.as_mut_ptr().cast(), text.len() - 1) };
        let text = CStr::from_bytes_until_nul(&text).ok()?.to_str().ok()?;
        (done == SUCCESS && !text.is_empty()).then(|| text.to_owned())
    }

    /// In percent.
    pub fn busy(&self, device: u32) -> Option<f64> {
        self.get(self.busy, device).map(f64::from)
    }

    /// In bytes.
    pub fn memory_used(&self, device: u32) -> Option<f64> {
        let used = self.get_of(self.memory_used, device, VIDEO_MEMORY);
        used.map(|bytes| bytes as f64)
    }

    pub fn memory_total(&self, device: u32) -> Option<f64> {
        let total = self.get_of(self.memory_total, device, VIDEO_MEMORY);
        total.map(|bytes| bytes as f64)
    }

    /// In degrees.
    pub fn temperature(&self, device: u32) -> Option<f64> {
        let function = self.temperature?;
        SENSORS.into_iter().find_map(|sensor| {
            // SAFETY: the library is initialised and the value writable.
            let read = written(|value| unsafe { function(device, sensor, CURRENT, value) });
            read.map(|thousandths: i64| thousandths as f64 / 1e3)
        })
    }

    /// In watts.
    pub fn power(&self, device: u32) -> Option<f64> {
        let millionths = self
            .get_of(self.average_power, device, 0)
            .or_else(|| self.get(self.power, device))?;
        Some(millionths as f64 / 1e6)
    }

    /// Bytes that this process uses for computing.
    pub fn own_memory(&self, device: u32) -> Option<f64> {
        let function = self.process?;
        // SAFETY: the library is initialised and the struct at least as large as the library's.
        let info: ProcessInfo =
            written(|info| unsafe { function(std::process::id(), device, info) })?;
        Some(info.vram_usage as f64)
    }
}

impl Drop for RocmSmi {
    fn drop(&mut self) {
        // SAFETY: it was initialised, and nobody of ours uses it any more.
        unsafe { (self.shut_down)() };
    }
}
