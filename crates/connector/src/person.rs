//! Who sits here: the name on what a person writes.

/// The name under which the person is logged in: as the environment has it, else as the machine's list of users calls who
/// runs this process, else `uid 1000`.
pub fn person() -> String {
    let variables = ["USER", "LOGNAME", "USERNAME"];
    let users = || {
        let bytes = std::fs::read("/etc/passwd").unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    named(variables.iter().filter_map(|name| std::env::var(name).ok()), uid(), users)
}

#[cfg(unix)]
fn uid() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn uid() -> Option<u32> {
    None
}

/// `users`: lines of `name:…:uid:…`.
fn named(names: impl Iterator<Item = String>, uid: Option<u32>, users: impl FnOnce() -> String) -> String {
    let mut names = names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if let Some(name) = names.next() {
        return name;
    }
    let Some(uid) = uid else { return "somebody".to_owned() };
    let of_user = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().map(str::trim).filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    };
    users().lines().find_map(of_user).unwrap_or_else(|| format!("uid {uid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_first_name_there_is() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\n+::::::\nbroken\nana:x:1000:1000:Ana,,,:/home/ana:/bin/sh\n";
        let check = |names: &[&str], uid: Option<u32>, expected: &str| {
            let names = names.iter().map(|&name| name.to_owned());
            assert_eq!(named(names, uid, || users.to_owned()), expected);
        };
        check(&["noor", "root"], Some(1000), "noor");
        check(&[" ", "", "noor\n"], Some(1000), "noor");
        check(&[], Some(1000), "ana");
        check(&[""], Some(0), "root");
        check(&[], Some(100), "uid 100");
        check(&[], None, "somebody");
    }
}
