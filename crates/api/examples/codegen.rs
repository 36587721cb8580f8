//! Prints the TypeScript of the API. `cargo xtask codegen` writes it to `ui/src/api/gen.ts`.

#[allow(clippy::print_stdout, reason = "its output is the file")]
fn main() {
    print!("{}", qd_api::typescript::module());
}
