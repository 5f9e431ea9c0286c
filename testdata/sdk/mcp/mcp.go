// Package mcp wraps clients of the Model Context Protocol.
package mcp

//opik:wrap github.com/modelcontextprotocol/go-sdk/mcp.ClientSession as=Session
//opik:wrap github.com/mark3labs/mcp-go/client.MCPClient as=Client
