//! Messages as bytes. Those of the house are short, and the room that is usually made for each, 8 KiB, is more than an
//! allocator has at hand.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec};
use tonic_prost::ProstCodec;

/// Room for a message to begin with; a longer one makes more.
const ROOM: usize = 512;
/// So much is written down before it is sent, as usual.
const AT_ONCE: usize = 32 << 10;

/// Says `T` and hears `U`.
pub(super) struct Short<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for Short<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for Short<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(ROOM, AT_ONCE))
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(ROOM, AT_ONCE))
    }
}
