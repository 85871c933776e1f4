use std::net::SocketAddr;

/// Where connections really go.
#[derive(Debug, Clone)]
pub enum Dialer {
    /// To the address that the host's name has.
    System,
    /// To one server on this machine, whatever the host: the sandbox inside the command.
    Local {
        /// Its loopback address.
        address: SocketAddr,
        /// Its loopback address for bare connections: each begins with an HTTP `CONNECT host:port`
        /// and goes on once that is answered with 200.
        tunnel: SocketAddr,
        /// The certificate (DER) of the only authority whose hosts are believed.
        authority_der: Vec<u8>,
    },
}
