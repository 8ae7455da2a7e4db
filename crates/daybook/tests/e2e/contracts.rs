//! What the clients of each source document rely on, one file a document.

mod document_1;
mod document_2;
mod document_3;
mod document_4;
mod document_5;
