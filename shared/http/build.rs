//! Packs the viewer of the OpenAPI document: two files of a package, made small once and for all.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Cursor};
use std::path::PathBuf;
use std::{env, fs};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const FILES: [(&str, &str); 2] = [("swagger-ui-bundle.js", "viewer.js.gz"), ("swagger-ui.css", "viewer.css.gz")];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to"));
    let mut package = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).expect("the package is an archive");
    let mut left = FILES.len();
    for at in 0..package.len() {
        let mut file = package.by_index(at).expect("the package is whole");
        let name = file.name().map(|name| name.into_owned()).unwrap_or_default();
        let Some((_, packed)) = FILES.iter().find(|(file, _)| name.ends_with(&format!("/dist/{file}"))) else {
            continue;
        };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        io::copy(&mut file, &mut encoder).expect("the package is whole");
        fs::write(out.join(packed), encoder.finish().expect("memory takes everything"))
            .expect("cargo's folder takes it");
        left -= 1;
    }
    assert_eq!(left, 0, "the viewer is made of these files");
}
