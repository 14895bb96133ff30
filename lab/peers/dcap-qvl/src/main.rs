//! The peer `dcap-qvl` behind two commands, so that the lab can compare with it:
//!
//! `bench ROOT QUOTE COLLATERAL AT SECONDS` prints verifications per second of a thread, for each back end;
//! `judge` reads lines `ROOT<tab>QUOTE<tab>COLLATERAL<tab>AT` and prints one JSON line for each.

use dcap_qvl::config::{Config, CryptoProvider};
use dcap_qvl::configs::RingConfig;
use dcap_qvl::verify::QuoteVerifier;
use dcap_qvl::QuoteCollateralV3;
use serde_json::{json, Value};
use std::io::BufRead;
use std::time::Duration;

struct AwsLcCrypto;

impl CryptoProvider for AwsLcCrypto {
    fn sig_algo() -> &'static dyn rustls_pki_types::SignatureVerificationAlgorithm {
        webpki::aws_lc_rs::ECDSA_P256_SHA256
    }

    fn sha256(data: &[u8]) -> [u8; 32] {
        digest(&aws_lc_rs::digest::SHA256, data)
    }

    fn sha384(data: &[u8]) -> [u8; 48] {
        digest(&aws_lc_rs::digest::SHA384, data)
    }
}

fn digest<const N: usize>(algorithm: &'static aws_lc_rs::digest::Algorithm, data: &[u8]) -> [u8; N] {
    let mut out = [0u8; N];
    out.copy_from_slice(aws_lc_rs::digest::digest(algorithm, data).as_ref());
    out
}

struct AwsLcConfig;

impl Config for AwsLcConfig {
    type X509 = <RingConfig as Config>::X509;
    type SigEncoder = <RingConfig as Config>::SigEncoder;
    type Crypto = AwsLcCrypto;
}

fn hex(value: &Value, name: &str) -> Result<Vec<u8>, String> {
    let text = text(value, name)?;
    if text.len() % 2 != 0 || !text.is_ascii() {
        return Err(format!("{name} is not hexadecimal"));
    }
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).map_err(|e| format!("{name}: {e}")))
        .collect()
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("{name} is missing"))
}

fn collateral(path: &str) -> Result<QuoteCollateralV3, String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    Ok(QuoteCollateralV3 {
        pck_crl_issuer_chain: text(&value, "pck_crl_issuer_chain")?,
        root_ca_crl: hex(&value, "root_ca_crl")?,
        pck_crl: hex(&value, "pck_crl")?,
        tcb_info_issuer_chain: text(&value, "tcb_info_issuer_chain")?,
        tcb_info: text(&value, "tcb_info")?,
        tcb_info_signature: hex(&value, "tcb_info_signature")?,
        qe_identity_issuer_chain: text(&value, "qe_identity_issuer_chain")?,
        qe_identity: text(&value, "qe_identity")?,
        qe_identity_signature: hex(&value, "qe_identity_signature")?,
        pck_certificate_chain: value["pck_certificate_chain"].as_str().map(str::to_owned),
    })
}

/// What this thread has run, so that other work on the machine does not count.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells a thread's time");
    let nanos = text.split(' ').next().and_then(|first| first.parse().ok()).expect("its first number is nanoseconds");
    Duration::from_nanos(nanos)
}

fn per_second<C: Config>(root: &[u8], quote: &[u8], collateral: &QuoteCollateralV3, at: u64, span: Duration) -> f64 {
    let verifier = QuoteVerifier::<C>::new_with_config(root.to_vec());
    let start = cpu_time();
    let mut count = 0u64;
    while cpu_time() - start < span {
        for _ in 0..16 {
            verifier.verify(quote, collateral, at).expect("the peer accepts the quote");
        }
        count += 16;
    }
    count as f64 / (cpu_time() - start).as_secs_f64()
}

fn bench(args: &[String]) -> Result<(), String> {
    let root = std::fs::read(&args[0]).map_err(|e| e.to_string())?;
    let quote = std::fs::read(&args[1]).map_err(|e| e.to_string())?;
    let collateral = collateral(&args[2])?;
    let at: u64 = args[3].parse().map_err(|e| format!("{e}"))?;
    let seconds: f64 = args[4].parse().map_err(|e| format!("{e}"))?;
    let span = Duration::from_secs_f64(seconds / 2.0);
    let ring = per_second::<RingConfig>(&root, &quote, &collateral, at, span);
    let aws = per_second::<AwsLcConfig>(&root, &quote, &collateral, at, span);
    println!("{}", json!({"ring": ring, "aws-lc-rs": aws}));
    Ok(())
}

fn judge_one(line: &str) -> Result<Value, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let root = std::fs::read(fields[0]).map_err(|e| e.to_string())?;
    let quote = std::fs::read(fields[1]).map_err(|e| e.to_string())?;
    let collateral = collateral(fields[2])?;
    let at: u64 = fields[3].parse().map_err(|e| format!("{e}"))?;
    let verifier = QuoteVerifier::new(root).allow_debug(true).allow_service_td(true);
    let report = verifier.verify(&quote, &collateral, at).map_err(|e| format!("{e:#}"))?;
    Ok(json!({"ok": true, "status": report.status, "advisoryIds": report.advisory_ids}))
}

fn judge() -> Result<(), String> {
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| e.to_string())?;
        let answer = std::panic::catch_unwind(|| judge_one(&line)).unwrap_or_else(|_| Err("it panicked".to_owned()));
        println!("{}", answer.unwrap_or_else(|error| json!({"ok": false, "error": error})));
    }
    Ok(())
}

fn main() -> Result<(), String> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("bench") if args.len() == 6 => bench(&args[1..]),
        Some("judge") if args.len() == 1 => judge(),
        _ => Err("usage: bench ROOT QUOTE COLLATERAL AT SECONDS | judge".to_owned()),
    }
}
