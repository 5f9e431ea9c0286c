// Package templates holds the presets that come with opikgen: what is known of the calls of providers' SDKs.
//
// A preset is a directive that somebody else wrote, one key a line. To add a provider, add a file.
package templates

import "embed"

// FS holds the presets, files NAME.preset.
//
//go:embed *.preset
var FS embed.FS
