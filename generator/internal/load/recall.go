package load

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/tools/go/packages"
)

const (
	answerForm   = 1                   // of what is kept: another one is not looked for
	answerPrefix = "opikgen-"          // of the names of files that answers are kept in: the folder may hold the user's own
	answerEnding = ".json"             // likewise
	answerAge    = 30 * 24 * time.Hour // after which one that was never written again is removed
)

// askedWith are variables of the environment that change what the go command says. One that is missing here costs time,
// as an answer is taken to hold that does not.
var askedWith = []string{
	"CGO_ENABLED", "GOARCH", "GOCACHE", "GOEXPERIMENT", "GOFLAGS", "GOOS", "GOPACKAGESDRIVER", "GOROOT", "GOTOOLCHAIN", "GOWORK",
}

// recall returns what the go command said the last time that it was asked a question, or nothing where that is not kept.
func (l *loader) recall(q query) answer {
	if l.config.CacheDir == "" {
		return answer{}
	}
	content, err := os.ReadFile(l.answerPath(q))
	if err != nil {
		return answer{}
	}
	return decode(content)
}

// keep writes down what the go command said, for the next run. That goes without where it cannot be.
func (l *loader) keep(q query, pkgs []*packages.Package) {
	if l.config.CacheDir == "" {
		return
	}
	if err := replaceFile(l.answerPath(q), encode(pkgs)); err != nil {
		l.say("what go list says is not kept for the next run: %v", err)
	}
	l.removeOld()
}

// replaceFile writes a file that only the user can read, and makes its folder where there is none.
func replaceFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), answerPrefix+"*.tmp"+answerEnding)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// removeOld removes answers of modules that may well be gone.
func (l *loader) removeOld() {
	paths, _ := filepath.Glob(filepath.Join(l.config.CacheDir, answerPrefix+"*"+answerEnding)) // fails for a pattern that is none
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > answerAge {
			_ = os.Remove(path)
		}
	}
}

// answerPath returns where the answer to a question is kept.
func (l *loader) answerPath(q query) string {
	question := sha256.New()
	env := l.environment(q.platform)
	fmt.Fprintf(question, "%d %q %q %q %t", answerForm, l.config.Dir, q.patterns, l.config.BuildFlags, q.tests)
	for _, name := range askedWith {
		fmt.Fprintf(question, " %q", lookupEnv(env, name))
	}
	if q.platform != nil {
		fmt.Fprintf(question, " %q", q.platform.tags)
	}
	return filepath.Join(l.config.CacheDir, answerPrefix+hex.EncodeToString(question.Sum(nil)[:16])+answerEnding)
}

// encode writes what the go command said as it is kept.
func encode(pkgs []*packages.Package) []byte {
	content, err := json.Marshal(newAnswer(pkgs))
	if err != nil {
		panic(err) // an answer is of texts alone
	}
	return content
}

// decode reads what is kept. It returns nothing of what is no answer.
func decode(content []byte) answer {
	var a answer
	if err := json.Unmarshal(content, &a); err != nil {
		return answer{}
	}
	return a
}
