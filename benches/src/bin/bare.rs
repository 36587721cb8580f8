//! A bare WebKitGTK window: the floor below the product's window. It shows an address and tells another when it painted.
//!
//! ```text
//! bare PAGE BEACON
//! ```

fn main() -> std::process::ExitCode {
    #[cfg(target_os = "linux")]
    return linux::main();
    #[cfg(not(target_os = "linux"))]
    std::process::ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::process::ExitCode;

    use gtk::prelude::{ContainerExt, GtkWindowExt, WidgetExt};
    use webkit2gtk::{
        UserContentInjectedFrames, UserContentManager, UserContentManagerExt, UserScript,
        UserScriptInjectionTime, WebView, WebViewExt,
    };

    /// The very words by which the product's window tells that it painted.
    const SCRIPT: &str = include_str!("../../../src-tauri/src/beacon.js");
    const PAINTED: &str = "quarterdeck-painted";

    pub fn main() -> ExitCode {
        let mut args = std::env::args().skip(1);
        let (Some(page), Some(beacon)) = (args.next(), args.next()) else { return ExitCode::FAILURE };
        if gtk::init().is_err() {
            return ExitCode::FAILURE;
        }
        let scripts = UserContentManager::new();
        scripts.add_script(&UserScript::new(
            SCRIPT,
            UserContentInjectedFrames::TopFrame,
            UserScriptInjectionTime::Start,
            &[],
            &[],
        ));
        let view = WebView::with_user_content_manager(&scripts);
        view.connect_title_notify(move |view| {
            if view.title().is_some_and(|title| title == PAINTED) {
                let beacon = beacon.clone();
                std::thread::spawn(move || tell(&beacon));
            }
        });
        let window = gtk::Window::new(gtk::WindowType::Toplevel);
        window.set_default_size(1280, 800);
        window.add(&view);
        window.show_all();
        view.load_uri(&page);
        gtk::main();
        ExitCode::SUCCESS
    }

    fn tell(beacon: &str) -> Option<()> {
        let (authority, path) = beacon.strip_prefix("http://")?.split_once('/')?;
        let mut stream = TcpStream::connect(authority).ok()?;
        write!(stream, "GET /{path} HTTP/1.0\r\nHost: {authority}\r\n\r\n").ok()?;
        stream.read(&mut [0; 1]).ok().map(drop)
    }
}
