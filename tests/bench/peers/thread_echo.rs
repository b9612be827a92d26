// A thread for each connection with Rust's standard library, to compare model `thread` with.
// thread_echo PORT
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0u8; 65536];
    loop {
        let size = stream.read(&mut buffer)?;
        if size == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..size])?;
    }
}

fn main() -> std::io::Result<()> {
    let port: u16 = std::env::args().nth(1).expect("PORT").parse().expect("a port");
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming().flatten() {
        std::thread::spawn(move || echo(stream));
    }
    Ok(())
}
