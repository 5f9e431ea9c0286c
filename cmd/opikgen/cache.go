package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// cacheVariable names the folder for what the next run can begin with.
const cacheVariable = "OPIKGEN_CACHE"

// noCache is its value for keeping nothing.
const noCache = "off"

// cacheDir returns that folder, by default one of the user's, or nothing where there is none. A relative one would be another
// in each package that go generate runs in.
func cacheDir() (string, error) {
	switch dir := os.Getenv(cacheVariable); {
	case dir == noCache:
		return "", nil
	case dir == "":
		return userCacheDir(), nil
	case !filepath.IsAbs(dir):
		return "", fmt.Errorf("%s is %q: write an absolute path, or %s", cacheVariable, dir, noCache)
	default:
		return dir, nil
	}
}

func userCacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "opikgen")
}
