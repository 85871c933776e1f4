mod expressions;
mod given;
