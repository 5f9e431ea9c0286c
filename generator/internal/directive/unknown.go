package directive

import (
	"fmt"
	"slices"
	"strings"
)

// unknownKey says that there is no such key, and which one was probably meant.
func unknownKey(name string) string {
	if meant := meantKey(name); meant != "" {
		return fmt.Sprintf("unknown key %q: did you mean %s?", name, meant)
	}
	return fmt.Sprintf("unknown key %q: the keys are %s", name, strings.Join(slices.Compact(stems()), ", "))
}

// meantKey spells the key that was probably meant by a name which is none, or returns nothing.
func meantKey(name string) string {
	if key, value, found := strings.Cut(name, ":"); found && IsKey(key) {
		return key + "=" + value
	}
	stems := stems()
	if i := nearest(name, stems); i >= 0 && strings.Contains(stems[i], ".") {
		return keys[i].Name
	}
	stem, _, _ := strings.Cut(name, ".")
	i := nearest(stem, stems)
	if i < 0 {
		i = beginningAs(stem, stems)
	}
	if i < 0 {
		return ""
	}
	return keys[i].spell(name)
}

// stems returns the names of all keys, without what stands for a name of the user's choice.
func stems() []string {
	stems := make([]string, len(keys))
	for i, key := range keys {
		stems[i], _ = strings.CutSuffix(key.Name, "."+wildcard)
	}
	return stems
}

// beginningAs returns the index of the only stem of several words that has the first one of name's, as ignore_arguments
// has that of ignore_args, or -1.
func beginningAs(name string, stems []string) int {
	first, _, _ := strings.Cut(name, "_")
	found := -1
	for i, stem := range stems {
		if !strings.HasPrefix(stem, first+"_") {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}
