package load

import (
	"cmp"
	"go/build/constraint"
	"slices"
	"strings"
)

// These are the names that a file name's ending, or a build tag, can select a platform by. The go command fixed the
// lists for good: a platform that is new is not recognised in file names of code that is old.
var (
	knownSystems = strings.Fields(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd
		plan9 solaris wasip1 windows zos`)
	unixSystems = strings.Fields(`aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris`)
	knownArchs  = strings.Fields(`386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32
		mips64p32le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)
)

// nameTags returns the build tags that a file's base name implies by its ending, as the go command reads it, and
// whether it is a test.
func nameTags(base string) (tags []string, test bool) {
	stem, _, _ := strings.Cut(base, ".")
	words := strings.Split(stem, "_")[1:]
	if n := len(words); n > 0 && words[n-1] == "test" {
		words, test = words[:n-1], true
	}
	n := len(words)
	switch {
	case n >= 2 && slices.Contains(knownSystems, words[n-2]) && slices.Contains(knownArchs, words[n-1]):
		return words[n-2:], test
	case n >= 1 && (slices.Contains(knownSystems, words[n-1]) || slices.Contains(knownArchs, words[n-1])):
		return words[n-1:], test
	}
	return nil, test
}

// platform is a build configuration that files can be selected for.
type platform struct {
	system, arch string
	cgo          bool
	tags         []string
}

// matches reports whether the platform builds files under x.
func (p platform) matches(x constraint.Expr) bool { return x == nil || x.Eval(p.hasTag) }

func (p platform) hasTag(tag string) bool {
	switch tag {
	case p.system, p.arch, "gc":
		return true
	case "cgo":
		return p.cgo
	case "unix":
		return slices.Contains(unixSystems, p.system)
	case "linux":
		return p.system == "android"
	case "solaris":
		return p.system == "illumos"
	case "darwin":
		return p.system == "ios"
	}
	return strings.HasPrefix(tag, "go1.") || slices.Contains(p.tags, tag)
}

// String says which platform it is as a sentence goes on behind "go list": nothing for that of the environment.
func (p *platform) String() string {
	if p == nil {
		return ""
	}
	text := " for " + p.system + "/" + p.arch
	if len(p.tags) > 0 {
		text += " with " + strings.Join(p.tags, ",")
	}
	return text
}

// buildable lists the platforms that Go is there for, the usual ones first.
var buildable = strings.Fields(`linux/amd64 windows/amd64 darwin/arm64 linux/arm64 aix/ppc64 android/386 android/amd64 android/arm
	android/arm64 darwin/amd64 dragonfly/amd64 freebsd/386 freebsd/amd64 freebsd/arm freebsd/arm64
	illumos/amd64 ios/amd64 ios/arm64 js/wasm linux/386 linux/arm linux/loong64 linux/mips linux/mips64
	linux/mips64le linux/mipsle linux/ppc64 linux/ppc64le linux/riscv64 linux/s390x netbsd/386 netbsd/amd64
	netbsd/arm netbsd/arm64 openbsd/386 openbsd/amd64 openbsd/arm openbsd/arm64 openbsd/ppc64 openbsd/riscv64
	plan9/386 plan9/amd64 plan9/arm solaris/amd64 wasip1/wasm windows/386 windows/arm64`)

// neverTag keeps a file out of every build, by convention.
const neverTag = "ignore"

// platformFor returns a platform that builds files under x: near itself, with further tags or without cgo, where that
// will do, else the first in a fixed order.
func platformFor(x constraint.Expr, near platform) (platform, bool) {
	pure := near
	pure.cgo = false
	candidates := append([]platform{near, pure}, everywhere(near.tags)...)
	for _, tags := range tagSets(x) {
		for _, candidate := range candidates {
			if p := candidate.with(tags); p.matches(x) {
				return p, true
			}
		}
	}
	return platform{}, false
}

// everywhere returns all platforms, with the tags and without cgo.
func everywhere(tags []string) []platform {
	platforms := make([]platform, len(buildable))
	for i, pair := range buildable {
		system, arch, _ := strings.Cut(pair, "/")
		platforms[i] = platform{system: system, arch: arch, tags: tags}
	}
	return platforms
}

// with returns the platform with further tags.
func (p platform) with(tags []string) platform {
	p.cgo = p.cgo || slices.Contains(tags, "cgo")
	p.tags = slices.Concat(p.tags, tags)
	return p
}

// maxFreeTags bounds how many tags are tried in all their combinations.
const maxFreeTags = 6

// tagSets returns the sets of tags to try for x, small ones first. They are made of the tags that say nothing about
// the platform.
func tagSets(x constraint.Expr) [][]string {
	free := freeTags(x)
	if len(free) > maxFreeTags {
		return [][]string{nil, free}
	}
	sets := [][]string{nil}
	for _, tag := range free {
		for _, set := range slices.Clone(sets) {
			sets = append(sets, append(slices.Clone(set), tag))
		}
	}
	slices.SortStableFunc(sets, func(a, b []string) int { return cmp.Compare(len(a), len(b)) })
	return sets
}

// freeTags returns the tags of x that any build can be given, sorted.
func freeTags(x constraint.Expr) []string {
	var free []string
	x.Eval(func(tag string) bool {
		if !isFixedTag(tag) {
			free = append(free, tag)
		}
		return false
	})
	slices.Sort(free)
	return slices.Compact(free)
}

// isFixedTag reports whether the platform, the toolchain or a convention says if a tag holds.
func isFixedTag(tag string) bool {
	return slices.Contains(knownSystems, tag) || slices.Contains(knownArchs, tag) || strings.HasPrefix(tag, "go1.") ||
		tag == "unix" || tag == "gc" || tag == "gccgo" || tag == neverTag
}
