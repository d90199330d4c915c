/*
 * Debian's libcurl.a is built with LDAP, Kerberos, SSH, RTMP, IDN, PSL and Brotli. regtool enables HTTP and HTTPS only,
 * so none of these is ever called; but their symbols must resolve, and linking the real libraries would cost 5 ms at
 * every start. Each stub fails or does nothing. What curl_global_init and curl_version_info do call is safe:
 * libssh2_init succeeds, version queries give an empty text.
 *
 * The list is what `nm -u libcurl.a` shows of those libraries. A new libcurl that needs another symbol fails to link,
 * which is how one learns of it; REGTOOL_STATIC=OFF links the shared library until it is added.
 */

#define FAIL(name) \
    long name(void); \
    long name(void) { return -1; }
#define NOTHING(name) \
    void* name(void); \
    void* name(void) { return 0; }
#define SUCCEED(name) \
    long name(void); \
    long name(void) { return 0; }
#define VERSION(name) \
    const char* name(void); \
    const char* name(void) { return ""; }

/* Brotli */
NOTHING(BrotliDecoderCreateInstance)
FAIL(BrotliDecoderDecompressStream)
NOTHING(BrotliDecoderDestroyInstance)
SUCCEED(BrotliDecoderGetErrorCode)
SUCCEED(BrotliDecoderVersion)

/* librtmp: its functions return 0 for failure */
SUCCEED(RTMP_Alloc)
SUCCEED(RTMP_Close)
SUCCEED(RTMP_Connect1)
SUCCEED(RTMP_ConnectStream)
SUCCEED(RTMP_Free)
SUCCEED(RTMP_Init)
SUCCEED(RTMP_Read)
SUCCEED(RTMP_SetBufferMS)
SUCCEED(RTMP_SetupURL)
SUCCEED(RTMP_Write)

/* GSS-API: a non-zero major status is a failure */
extern const void* GSS_C_NT_HOSTBASED_SERVICE;
const void* GSS_C_NT_HOSTBASED_SERVICE = 0;
FAIL(gss_delete_sec_context)
FAIL(gss_display_name)
FAIL(gss_display_status)
FAIL(gss_import_name)
FAIL(gss_init_sec_context)
FAIL(gss_inquire_context)
FAIL(gss_release_buffer)
FAIL(gss_release_name)
FAIL(gss_unwrap)
FAIL(gss_wrap)

/* libidn2: hosts are checked to be ASCII long before */
VERSION(idn2_check_version)
NOTHING(idn2_free)
FAIL(idn2_lookup_ul)

/* libpsl: cookies are never used */
NOTHING(psl_builtin)
NOTHING(psl_free)
VERSION(psl_get_version)
FAIL(psl_is_cookie_domain_acceptable)
NOTHING(psl_latest)

/* OpenLDAP */
NOTHING(ber_bvfree)
NOTHING(ber_free)
NOTHING(ber_memfree)
NOTHING(ber_memvfree)
FAIL(ber_sockbuf_add_io)
FAIL(ldap_abandon_ext)
VERSION(ldap_err2string)
NOTHING(ldap_free_urldesc)
FAIL(ldap_get_attribute_ber)
FAIL(ldap_get_dn_ber)
FAIL(ldap_get_option)
FAIL(ldap_init_fd)
NOTHING(ldap_memfree)
FAIL(ldap_msgfree)
FAIL(ldap_msgtype)
FAIL(ldap_parse_result)
FAIL(ldap_parse_sasl_bind_result)
FAIL(ldap_pvt_url_scheme2proto)
FAIL(ldap_result)
FAIL(ldap_sasl_bind)
FAIL(ldap_search_ext)
FAIL(ldap_set_option)
FAIL(ldap_start_tls)
FAIL(ldap_unbind_ext)
FAIL(ldap_url_parse)

/* libssh2 */
SUCCEED(libssh2_init)
SUCCEED(libssh2_exit)
VERSION(libssh2_version)
FAIL(libssh2_agent_connect)
FAIL(libssh2_agent_disconnect)
NOTHING(libssh2_agent_free)
FAIL(libssh2_agent_get_identity)
NOTHING(libssh2_agent_init)
FAIL(libssh2_agent_list_identities)
FAIL(libssh2_agent_userauth)
FAIL(libssh2_channel_free)
FAIL(libssh2_channel_read_ex)
FAIL(libssh2_channel_send_eof)
FAIL(libssh2_channel_wait_closed)
FAIL(libssh2_channel_wait_eof)
FAIL(libssh2_channel_write_ex)
NOTHING(libssh2_hostkey_hash)
FAIL(libssh2_knownhost_add)
FAIL(libssh2_knownhost_checkp)
FAIL(libssh2_knownhost_del)
NOTHING(libssh2_knownhost_free)
FAIL(libssh2_knownhost_get)
NOTHING(libssh2_knownhost_init)
FAIL(libssh2_knownhost_readfile)
FAIL(libssh2_knownhost_writefile)
NOTHING(libssh2_scp_recv2)
NOTHING(libssh2_scp_send64)
NOTHING(libssh2_session_abstract)
FAIL(libssh2_session_block_directions)
NOTHING(libssh2_session_callback_set)
FAIL(libssh2_session_disconnect_ex)
FAIL(libssh2_session_flag)
FAIL(libssh2_session_free)
FAIL(libssh2_session_handshake)
NOTHING(libssh2_session_hostkey)
NOTHING(libssh2_session_init_ex)
FAIL(libssh2_session_last_errno)
FAIL(libssh2_session_last_error)
FAIL(libssh2_session_method_pref)
NOTHING(libssh2_session_set_blocking)
FAIL(libssh2_sftp_close_handle)
NOTHING(libssh2_sftp_init)
FAIL(libssh2_sftp_last_error)
FAIL(libssh2_sftp_mkdir_ex)
NOTHING(libssh2_sftp_open_ex)
FAIL(libssh2_sftp_read)
FAIL(libssh2_sftp_readdir_ex)
FAIL(libssh2_sftp_rename_ex)
FAIL(libssh2_sftp_rmdir_ex)
NOTHING(libssh2_sftp_seek64)
FAIL(libssh2_sftp_shutdown)
FAIL(libssh2_sftp_stat_ex)
FAIL(libssh2_sftp_statvfs)
FAIL(libssh2_sftp_symlink_ex)
FAIL(libssh2_sftp_unlink_ex)
FAIL(libssh2_sftp_write)
FAIL(libssh2_userauth_authenticated)
FAIL(libssh2_userauth_keyboard_interactive_ex)
NOTHING(libssh2_userauth_list)
FAIL(libssh2_userauth_password_ex)
FAIL(libssh2_userauth_publickey_fromfile_ex)
