//! The emulator's behaviour, asked through its one function.

mod application;
mod bare;
mod catalog;
mod change;
mod channel_engine;
mod client;
mod connections;
mod create;
mod credentials;
mod delete;
mod echo;
mod every_service;
mod faults;
mod folder;
mod framework;
mod instance_host;
mod oauth;
mod observe;
mod prefixed;
mod properties;
mod shell;
mod suspension;
mod tunnel;
