// Package std wraps types of the standard library.
package std

//opik:wrap net/http.ResponseWriter as=ResponseWriter
//opik:wrap net/http.RoundTripper as=RoundTripper
//opik:wrap net/http.Client as=Client
//opik:wrap database/sql/driver.Conn as=Conn
//opik:wrap database/sql/driver.QueryerContext as=QueryerContext
//opik:wrap database/sql.DB as=DB
//opik:wrap io.ReadWriteCloser as=ReadWriteCloser
//opik:wrap io/fs.FS as=FS
