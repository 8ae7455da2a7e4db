//! The rules of the house, a test each: its name is the rule, and its failure lists every place with what to do there.
//! They read files and compile none of the house, so that they can be asked at any moment.
#![cfg(test)]

mod house_rules {
    mod attributes;
    mod clocks;
    mod comments;
    mod dialect;
    mod engines;
    mod floors;
    mod lengths;
    mod lexer;
    mod manifests;
    mod migrations;
    mod names;
    mod sources;
    mod sql;
    mod stores;
    mod syntax;
    mod toml;
    mod verdict;
}
