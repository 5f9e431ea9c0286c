package model

import (
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExprTextIsGofmts holds what is printed without the formatter to what that prints.
func TestExprTextIsGofmts(t *testing.T) {
	tests := map[string]bool{ // whether the expression is simple
		"resp":                        true,
		"resp.Usage.PromptTokens":     true,
		"resp.Choices[0].Message":     true,
		"m[ k ].F(a,b.c( ) , 10)":     true,
		"len( resp.Choices )>0":       true,
		"span!=nil":                   true,
		"a.b[i]<=c":                   true,
		"f[T](x)":                     true,
		"i >=00":                      true,
		"x[0X1F]":                     false, // the formatter writes 0x1F
		"f(a+b*c)":                    false,
		"a==b*c":                      false,
		"a==nil&&b!=nil":              false,
		"f(xs...)":                    false,
		"*resp.Model":                 false,
		"(a)":                         false,
		"T{A:1}":                      false,
		"x[1:2]":                      false,
		"-n":                          false,
		`m["key"]`:                    false,
		"func(x int) int { return x}": false,
	}
	for source, simple := range tests {
		node, err := parser.ParseExpr(source)
		require.NoError(t, err)
		assert.Equal(t, simple, isSimple(node), source)

		var want strings.Builder
		require.NoError(t, format.Node(&want, token.NewFileSet(), node))
		assert.Equal(t, want.String(), exprText(node), source)
	}
}
