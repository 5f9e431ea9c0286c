// Package interop proves that one trace goes through programs in several languages: its tests start services on Opik's own
// Python and TypeScript SDKs, call them from Go and are called by them, and look at the rows that all of them post to one
// server on the loopback interface.
//
// make interop installs the SDKs and runs the tests, which are skipped where the SDKs are not.
package interop
