//! A core error crosses as JSON in the message of a JS error; `native/index.ts` is the one place that unwraps it.

use kopipe_core::Error;

pub fn to_js(error: &Error) -> napi::Error {
    let mut fields = vec![format!("\"kind\":{}", quoted(error.kind())), format!("\"message\":{}", quoted(&error.to_string()))];
    if let Some(path) = error.path() {
        fields.push(format!("\"path\":{}", quoted(&path.to_string_lossy())));
    }
    if let Some(offset) = error.offset() {
        fields.push(format!("\"offset\":{offset}"));
    }
    napi::Error::from_reason(format!("{{{}}}", fields.join(",")))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
