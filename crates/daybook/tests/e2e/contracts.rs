//! What the clients of each source document rely on, one file a document.

mod document_1;
mod document_2;
