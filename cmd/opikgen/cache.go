package main

import (
	"os"
	"path/filepath"
)

// cacheVariable names the folder for what the next run can begin with.
const cacheVariable = "OPIKGEN_CACHE"

// noCache is its value for keeping nothing.
const noCache = "off"

// cacheDir returns that folder, by default one of the user's, or nothing where there is none.
func cacheDir() string {
	switch dir := os.Getenv(cacheVariable); dir {
	case noCache:
		return ""
	case "":
		return userCacheDir()
	default:
		return dir
	}
}

func userCacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "opikgen")
}
