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
        /// The certificate (DER) of the only authority whose hosts are believed.
        authority_der: Vec<u8>,
    },
}
