//! Names of the sequences and the readings of one moment.

use std::fmt::Write;

/// The GPU that a value belongs to; a part of it where MIG divides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    pub gpu: u32,
    pub mig: Option<u32>,
}

impl Device {
    /// The context of the device's sequences, as JSON.
    fn context(self) -> String {
        let mut text = format!("{{\"gpu\": {}", self.gpu);
        if let Some(mig) = self.mig {
            let _ = write!(text, ", \"mig\": {mig}");
        }
        text.push('}');
        text
    }
}

/// One sequence: `__system__` and this name, with the device as its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub name: &'static str,
    pub device: Option<Device>,
}

impl Key {
    pub fn sequence(self) -> String {
        format!("__system__{}", self.name)
    }

    /// Whether only those who ask for the processes below this one get it.
    pub fn is_of_children(self) -> bool {
        self.name.starts_with("children_")
    }

    pub fn context(self) -> Option<String> {
        self.device.map(Device::context)
    }
}

/// Values read at one moment. What could not be read is absent, not zero.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub values: Vec<(Key, f64)>,
}

impl Sample {
    pub fn host(&mut self, name: &'static str, value: Option<f64>) {
        let key = Key { name, device: None };
        self.values.extend(value.map(|v| (key, v)));
    }

    #[cfg_attr(not(feature = "gpu"), allow(dead_code))]
    pub fn device(&mut self, device: Device, name: &'static str, value: Option<f64>) {
        let key = Key {
            name,
            device: Some(device),
        };
        self.values.extend(value.map(|v| (key, v)));
    }
}

/// `part` of `total` in percent, if there is a total.
pub fn percent(part: f64, total: f64) -> Option<f64> {
    (total > 0.0).then(|| 100.0 * part / total)
}
